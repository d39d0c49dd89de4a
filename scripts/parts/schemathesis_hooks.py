"""What Schemathesis cannot know: credentials that the calls under test keep ending, and rules beyond JSON Schema."""

import atexit
import collections
import itertools
import json
import os
import re
import time
import uuid

import requests
import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

API = os.environ["FRONTROW_URL"] + "/api/v1"
USER = {"Authorization": "Bearer " + os.environ["FRONTROW_ACCESS_TOKEN"]}
ADMIN = {"Authorization": "Bearer " + os.environ["FRONTROW_ADMIN_TOKEN"]}

# Settings with which whoever asks is let in at once, whatever the calls under test have set.
OPEN_DOORS = {"maxActive": 1000, "activeSeconds": 600, "admitPerMinute": None, "paused": False}
ADMISSION_SECONDS = 10
# Demo dates on sale, with a thousand seats each.
SCHEDULES = (3, 4)
PLAN = {
    "plan": {
        "name": "Fuzz",
        "categories": [{"name": "R"}],
        "zones": [
            {
                "position": {"x": 0, "y": 0},
                "rows": [
                    {
                        "row_number": "A",
                        "seats": [
                            {"seat_guid": "1", "seat_number": "1", "position": {"x": 10, "y": 10}, "category": "R"}
                        ],
                    }
                ],
            }
        ],
        "size": {"width": 20, "height": 20},
    },
    "prices": {"R": 1},
}
DATE = {
    "place": "Fuzz",
    "reservationStartAt": "2030-01-01T00:00:00Z",
    "reservationEndAt": "2030-02-01T00:00:00Z",
    "concertAt": "2030-02-01T00:00:00Z",
}
ENDING_TOKENS = ("leaveQueue", "payReservation", "updateQueue")

# Faults of well-formed data that no JSON Schema can describe: "pointer detail".
BEYOND_SCHEMA = re.compile(
    r"/cursor is not a cursor of this list"
    r"|/seatIds/\d+ seat \d+ is not of schedule \d+"
    r"|/(reservationEndAt|concertAt) must (be later|not be earlier) than .*"
    r"|/(reservationStartAt|reservationEndAt|concertAt) must be from 1970 to 9999"
    r"|/seats/\d+/location (is there twice|seat .* exists already)"
    r"|/amount the balance may be .*"
    r"|/plan/.* (is not the name of a category of the plan|is that of .*, too|is missing|is there twice)"
    r"|/plan/.*/seat_number (seat .* is .* already|makes the seat .*)"
    r"|/plan/zones have .*"
    r"|/prices/.* is (missing|not a category of the plan( of this date)?)"
    r"|(/schedule|/location)? (name a reservation, a user, or a date and a seat|belongs to the other one of .*)",
    re.DOTALL,
)

_turns = itertools.count()
_active = []
_seats = []
_replies = collections.Counter()


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """Sends what the operation declares under `security`, and nothing else."""

    def get(self, case, ctx):
        security = case.operation.definition.raw.get("security", [])
        schemes = {scheme for requirement in security for scheme in requirement}
        headers = dict(USER) if "bearerAuth" in schemes else {}
        if "queueToken" in schemes:
            headers["X-Queue-Token"] = _active[0] if _active else _join()
        return headers or None

    def set(self, case, data, ctx):
        case.headers.update(data)


@schemathesis.hook
def before_call(ctx, case, **kwargs):
    """Lets effects happen: keys of their own, and for some of the holds a seat that is free."""
    operation = case.operation.definition.raw
    for parameter in operation["parameters"]:
        # The example key is one intention: sent with every case, it would have all but the first one refused.
        if parameter["name"] == "Idempotency-Key" and case.headers.get("Idempotency-Key") == parameter["example"]:
            case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Random numbers are hardly ever free seats, and without a hold there is nothing to read, cancel or pay.
    if operation["operationId"] == "holdSeats" and case.meta.generation.mode.is_positive and next(_turns) % 2 == 0:
        case.body = _free_seat()
    # No random text is the name of a category, and hardly any date is without seats.
    if operation["operationId"] == "importPlan" and case.meta.generation.mode.is_positive and next(_turns) % 2 == 0:
        case.path_parameters = {"id": _date_without_seats()}
        case.body = PLAN


@schemathesis.hook
def after_call(ctx, case, response):
    """Counts the reply, and forgets the queue token where this call has ended it, or shut the doors."""
    operation = case.operation.definition.raw["operationId"]
    if response.request.method.lower() == case.operation.method.lower():
        _replies[f"{operation} {response.status_code}"] += 1
    ended = operation in ENDING_TOKENS and response.status_code < 300
    if ended or (response.status_code == 403 and b"queue_token_ended" in response.content):
        _active.clear()


@schemathesis.hook
def filter_failure(ctx, failure, case, response):
    """Keeps every failure but the refusal, as 400, of data that is wrong in a way that no schema can describe."""
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    faults = response.json().get("errors", [])
    return not faults or not all(BEYOND_SCHEMA.fullmatch(f"{fault['pointer']} {fault['detail']}") for fault in faults)


@atexit.register
def _report():
    with open(os.environ["FRONTROW_REPLIES"], "w", encoding="utf-8") as file:
        json.dump(_replies, file)


def _join():
    """Takes a place in the main queue and waits until it is ACTIVE."""
    requests.patch(f"{API}/admin/queues/main", json=OPEN_DOORS, headers=ADMIN, timeout=10).raise_for_status()
    deadline = time.monotonic() + ADMISSION_SECONDS
    while time.monotonic() < deadline:
        reply = requests.post(f"{API}/queue/tokens", headers=USER, timeout=10)
        reply.raise_for_status()
        if reply.json()["status"] == "ACTIVE":
            _active.append(reply.json()["token"])
            return _active[0]
        time.sleep(0.05)
    raise TimeoutError(f"no ACTIVE queue token within {ADMISSION_SECONDS} s")


def _free_seat():
    """A body that holds one seat which no earlier call was given."""
    for schedule in SCHEDULES if not _seats else ():
        headers = {**USER, "X-Queue-Token": _active[0] if _active else _join()}
        reply = requests.get(f"{API}/schedules/{schedule}/seats?available=true", headers=headers, timeout=10)
        reply.raise_for_status()
        _seats.extend({"scheduleId": schedule, "seatIds": [seat["id"]]} for seat in reply.json()["seats"])
    return _seats.pop()


def _date_without_seats():
    """The id of a new date of the first concert."""
    reply = requests.post(f"{API}/admin/concerts/1/schedules", json=DATE, headers=ADMIN, timeout=10)
    reply.raise_for_status()
    return reply.json()["id"]
