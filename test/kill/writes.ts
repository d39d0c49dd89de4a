import { randomUUID } from 'node:crypto';
import { signSession } from '../../src/api/dev-session';
import { selectOne } from '../../src/db/sql';
import { paymentWorkflowId } from '../../src/workflows/ids';
import { Fan, newFan, newGuest, rowPlan, type Sale } from '../support/fan';
import { countOf, makeQueue, makeSale, statusOf } from '../support/fixtures';
import type { Reply } from '../support/http';
import type { TestSystem } from '../support/system';
import { reservationAtRest, tokenAtRest, workflowStatus } from './rest';

export const PRICE = 99_000;

/** One write with rows of its own. */
export interface Try {
  /** Whom the process has met before: making sure of an unknown user is a write of its own. */
  known?: Fan;
  /** Sends it to a process, the same each time; `trail` is the name to watch it by. */
  send(api: { url: string }, trail?: string): Promise<Reply>;
  /** How often its effect is there. More than once is damage. */
  effects(): Promise<number>;
  /** Whether rows and workflows have come to rest after it was answered. */
  settled(): Promise<boolean>;
}

export interface Write {
  name: string;
  /**
   * What a repetition of a finished write is answered with: its stored reply; the same thing once more; a refusal; or
   * another effect, where nothing marks it as a repetition.
   */
  repeated: 'replayed' | 'same' | 'refused' | 'again';
  /** What its list of points has to contain, whatever its statements are. */
  must: string[];
  prepare(): Promise<Try>;
}

export interface Place {
  system: TestSystem;
  admin: Fan;
  /** With room for everybody. */
  sale: Sale;
  seat(): number;
}

const ANSWERED = ['after request', 'before reply', 'after reply'];
const both = (...crossings: string[]) => [
  ...crossings.flatMap((crossing) => [`before ${crossing}`, `after ${crossing}`]),
  ...ANSWERED,
];
const START = 'Temporal StartWorkflowExecution';
const TELL = 'Temporal SignalWorkflowExecution';
const TELL_OR_START = 'Temporal SignalWithStartWorkflowExecution';

/** Every write of the API. What is to be checked of each is here; at which points it is killed, is not. */
export function writesOf(place: Place): Write[] {
  return [
    {
      name: 'join, let in',
      repeated: 'same',
      must: both('COMMIT of waiting_token, queue', TELL_OR_START),
      prepare: () => join(place, 'ACTIVE'),
    },
    {
      name: 'join, waiting',
      repeated: 'same',
      must: both('COMMIT of waiting_token, queue'),
      prepare: () => join(place, 'WAITING'),
    },
    { name: 'leave', repeated: 'same', must: both('COMMIT of', TELL, TELL_OR_START), prepare: () => leave(place) },
    {
      name: 'leave the line',
      repeated: 'same',
      must: both('COMMIT of queue_departure, queue, waiting_token', TELL),
      prepare: () => leaveLine(place),
    },
    { name: 'hold', repeated: 'replayed', must: both('COMMIT of', START), prepare: () => hold(place) },
    {
      name: 'cancel',
      repeated: 'same',
      must: both('COMMIT of reservation, concert_seat', TELL),
      prepare: () => cancel(place),
    },
    { name: 'pay', repeated: 'replayed', must: both('Temporal ExecuteMultiOperation'), prepare: () => pay(place) },
    {
      name: 'charge',
      repeated: 'replayed',
      must: both('COMMIT of asset_entry, asset'),
      prepare: async () => {
        const fan = await newFan(place.system);
        return charge(place, fan, fan);
      },
    },
    {
      name: 'charge, a new user',
      repeated: 'replayed',
      must: both('COMMIT of user, asset', 'COMMIT of asset_entry, asset'),
      prepare: async () => charge(place, await unknownFan(place)),
    },
    { name: 'new session', repeated: 'again', must: both('COMMIT of user, asset'), prepare: () => session(place) },
    {
      name: 'add a concert',
      repeated: 'again',
      must: both('COMMIT of queue, concert'),
      prepare: () => addConcert(place),
    },
    { name: 'add a date', repeated: 'again', must: both('INSERT concert_schedule'), prepare: () => addSchedule(place) },
    { name: 'add seats', repeated: 'refused', must: both('COMMIT of concert_seat'), prepare: () => addSeats(place) },
    {
      name: 'import a plan',
      repeated: 'refused',
      must: both('COMMIT of concert_seat, seating_plan'),
      prepare: () => importPlan(place),
    },
    {
      name: 'change a concert',
      repeated: 'same',
      must: both('UPDATE concert.name'),
      prepare: () => changeConcert(place),
    },
    {
      name: 'change a date',
      repeated: 'same',
      must: both('COMMIT of concert_seat, seating_plan, concert_schedule'),
      prepare: () => changeSchedule(place),
    },
    {
      name: 'change a queue',
      repeated: 'same',
      must: both('COMMIT of queue', TELL_OR_START),
      prepare: () => changeQueue(place),
    },
  ];
}

/** The operations that were sent so far. */
export const sent = new Set<string>();

function send(fan: Fan, operationId: string, options: Parameters<Fan['call']>[1] = {}): Try['send'] {
  const key = randomUUID();
  sent.add(operationId);
  return (api, trail) => fan.at(api).call(operationId, { key, ...options, headers: { 'x-trail': trail } });
}

async function join({ system }: Place, status: 'ACTIVE' | 'WAITING'): Promise<Try> {
  const fan = await newFan(system);
  const queue = await makeQueue(system.db, { maxActive: status === 'ACTIVE' ? 1 : 0 });
  const token = () =>
    selectOne<{ id: number }>(system.db, 'SELECT id FROM waiting_token WHERE user_id = ?', [fan.userId]);
  return {
    known: fan,
    send: send(fan, 'issueQueueToken', { json: { queue: queue.name } }),
    effects: () => countOf(system.db, 'waiting_token', 'user_id = ?', [fan.userId]),
    settled: async () => tokenAtRest(system, (await token())?.id ?? 0, status),
  };
}

export const tokenIdOf = async ({ system }: Place, fan: Fan): Promise<number> => {
  const row = await selectOne<{ id: number }>(system.db, 'SELECT id FROM waiting_token WHERE user_id = ?', [
    fan.userId,
  ]);
  return row?.id ?? 0;
};

/** Somebody inside who holds a seat, in a queue with one place, and somebody who waits for that place. */
async function insideAndNext(place: Place, balance = 0) {
  const { system } = place;
  const queue = (await makeQueue(system.db, { maxActive: 1 })).name;
  const { scheduleId, seatIds } = await makeSale(system.db, { queue, seats: 1, price: PRICE });
  const fan = await newGuest(system, { queue, concertId: 0, scheduleId, seatIds }, balance);
  const { body: held } = await fan.hold(scheduleId, seatIds);
  const next = await newFan(system);
  await next.join(queue);
  const [tokenId, nextId] = [await tokenIdOf(place, fan), await tokenIdOf(place, next)];
  return { fan, held, tokenId, nextLetIn: () => tokenAtRest(system, nextId, 'ACTIVE') };
}

async function leave(place: Place): Promise<Try> {
  const { system } = place;
  const { fan, held, tokenId, nextLetIn } = await insideAndNext(place);
  return {
    known: fan,
    send: send(fan, 'leaveQueue'),
    effects: async () => Number((await statusOf(system.db, 'waiting_token', tokenId)) === 'LEFT'),
    settled: async () =>
      (await tokenAtRest(system, tokenId, 'LEFT')) &&
      (await reservationAtRest(system, held.id, 'CANCELLED')) &&
      nextLetIn(),
  };
}

async function leaveLine(place: Place): Promise<Try> {
  const { system } = place;
  const fan = await newFan(system);
  await fan.join((await makeQueue(system.db, { maxActive: 0 })).name);
  const tokenId = await tokenIdOf(place, fan);
  return {
    known: fan,
    send: send(fan, 'leaveQueue'),
    effects: async () => Number((await statusOf(system.db, 'waiting_token', tokenId)) === 'LEFT'),
    settled: () => tokenAtRest(system, tokenId, 'LEFT'),
  };
}

async function hold({ system, sale, seat }: Place): Promise<Try> {
  const fan = await newGuest(system, sale);
  const reservation = () =>
    selectOne<{ id: number }>(system.db, 'SELECT id FROM reservation WHERE user_id = ?', [fan.userId]);
  return {
    known: fan,
    send: send(fan, 'holdSeats', { json: { scheduleId: sale.scheduleId, seatIds: [seat(), seat()] } }),
    effects: () => countOf(system.db, 'reservation', 'user_id = ?', [fan.userId]),
    settled: async () => reservationAtRest(system, (await reservation())?.id ?? 0, 'HELD'),
  };
}

async function cancel({ system, sale, seat }: Place): Promise<Try> {
  const fan = await newGuest(system, sale);
  const { body: held } = await fan.hold(sale.scheduleId, [seat()]);
  return {
    known: fan,
    send: send(fan, 'cancelReservation', { id: held.id }),
    effects: async () => Number((await statusOf(system.db, 'reservation', held.id)) === 'CANCELLED'),
    settled: () => reservationAtRest(system, held.id, 'CANCELLED'),
  };
}

export async function pay(place: Place): Promise<Try & { reservationId: number }> {
  const { system } = place;
  const { fan, held, tokenId, nextLetIn } = await insideAndNext(place, 3 * PRICE);
  return {
    reservationId: held.id,
    known: fan,
    send: send(fan, 'payReservation', { json: { reservationId: held.id } }),
    effects: () => countOf(system.db, 'asset_entry', `user_id = ? AND kind = 'PAYMENT'`, [fan.userId]),
    settled: async () =>
      (await reservationAtRest(system, held.id, 'PAID')) &&
      (await tokenAtRest(system, tokenId, 'USED')) &&
      (await workflowStatus(system, paymentWorkflowId(held.id))) === 'COMPLETED' &&
      nextLetIn(),
  };
}

async function charge({ system }: Place, fan: Fan, known?: Fan): Promise<Try> {
  return {
    ...(known ? { known } : {}),
    send: send(fan, 'chargeAsset', { json: { amount: 1_000 } }),
    effects: () => countOf(system.db, 'asset_entry', 'user_id = ? AND amount = 1000', [fan.userId]),
    settled: async () => true,
  };
}

/** Users below are known to nobody but the identity provider. Downwards: new users get ids above the highest there is. */
let unknown = 7_000_000;

async function unknownFan({ system }: Place): Promise<Fan> {
  const userId = (unknown -= 1);
  const { accessToken } = signSession(String(system.env['TOKEN_SECRET']), { userId, role: 'user' });
  return new Fan(system.url, userId, accessToken);
}

/** Nothing tells one session from another: what can be seen is a user without an asset. */
async function session({ system, admin }: Place): Promise<Try> {
  const halves = () => countOf(system.db, 'user', 'id NOT IN (SELECT user_id FROM asset)');
  return {
    send: send(admin, 'createSession', { json: { role: 'user' } }),
    effects: async () => 1 + 2 * (await halves()),
    settled: async () => (await halves()) === 0,
  };
}

async function addConcert({ system, admin }: Place): Promise<Try> {
  const name = randomUUID();
  return {
    send: send(admin, 'createConcert', { json: { name, description: 'Killed', queue: `q-${name}` } }),
    effects: () => countOf(system.db, 'concert c JOIN queue q ON q.id = c.queue_id', 'c.name = ?', [name]),
    settled: async () => true,
  };
}

const DAY_MS = 86_400_000;

async function addSchedule({ system, admin, sale }: Place): Promise<Try> {
  const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  const place = randomUUID();
  const dates = { reservationStartAt: day(0), reservationEndAt: day(1), concertAt: day(2) };
  return {
    send: send(admin, 'createSchedule', { id: sale.concertId, json: { place, ...dates } }),
    effects: () => countOf(system.db, 'concert_schedule', 'place = ?', [place]),
    settled: async () => true,
  };
}

async function addSeats({ system, admin }: Place): Promise<Try> {
  const { scheduleId } = await makeSale(system.db, { seats: 1 });
  const seats = Array.from({ length: 3 }, (_, index) => ({ location: `B-${index}`, price: PRICE }));
  return {
    send: send(admin, 'addSeats', { id: scheduleId, json: { seats } }),
    effects: async () =>
      (await countOf(system.db, 'concert_seat', `concert_schedule_id = ? AND location LIKE 'B-%'`, [scheduleId])) /
      seats.length,
    settled: async () => true,
  };
}

async function importPlan({ system, admin }: Place): Promise<Try> {
  const { scheduleId } = await makeSale(system.db, { seats: 0 });
  const whole = `SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = p.concert_schedule_id HAVING COUNT(*) = 3`;
  return {
    send: send(admin, 'importPlan', { id: scheduleId, json: { plan: rowPlan(3), prices: { R: PRICE } } }),
    effects: () =>
      countOf(system.db, 'seating_plan p', `p.concert_schedule_id = ? AND EXISTS (${whole})`, [scheduleId]),
    settled: async () => true,
  };
}

async function changeConcert({ system, admin }: Place): Promise<Try> {
  const [{ concertId }, name] = [await makeSale(system.db, { seats: 1 }), randomUUID()];
  return {
    send: send(admin, 'updateConcert', { id: concertId, json: { name } }),
    effects: () => countOf(system.db, 'concert', 'id = ? AND name = ?', [concertId, name]),
    settled: async () => true,
  };
}

async function changeSchedule({ system, admin }: Place): Promise<Try> {
  const { scheduleId } = await makeSale(system.db, { seats: 0 });
  await admin.importPlan(scheduleId, { plan: rowPlan(3), prices: { R: PRICE } });
  const place = randomUUID();
  return {
    send: send(admin, 'updateSchedule', { id: scheduleId, json: { place, prices: { R: 1 } } }),
    effects: () =>
      countOf(
        system.db,
        'concert_schedule d JOIN concert_seat s ON s.concert_schedule_id = d.id',
        `d.id = ? AND d.place = ? AND s.price = 1 AND s.location = 'A-3'`,
        [scheduleId, place],
      ),
    settled: async () => true,
  };
}

async function changeQueue(place: Place): Promise<Try> {
  const { system, admin } = place;
  const queue = await makeQueue(system.db, { maxActive: 0 });
  const fan = await newFan(system);
  await fan.join(queue.name);
  const tokenId = await tokenIdOf(place, fan);
  return {
    send: send(admin, 'updateQueue', { id: queue.name, json: { maxActive: 1 } }),
    effects: () => countOf(system.db, 'queue', 'id = ? AND max_active = 1', [queue.id]),
    settled: () => tokenAtRest(system, tokenId, 'ACTIVE'),
  };
}
