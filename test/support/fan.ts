import { randomUUID } from 'node:crypto';
import type { AdminScheduleView, SeatsAddedView, SessionView } from '../../src/contracts/admin';
import type { AssetEntryPage, AssetView, ChargeView } from '../../src/contracts/asset';
import type { ConcertPage, ConcertView, ScheduleList, ScheduleView, SeatMapView } from '../../src/contracts/concert';
import type { BookingList, OverviewView, SalesHistoryView } from '../../src/contracts/operator';
import type { PaymentView } from '../../src/contracts/payment';
import type { PlanExportView, PlanView, SeatingPlan } from '../../src/contracts/plan';
import type {
  QueueList,
  QueueSettingsPatch,
  QueueSettingsView,
  QueueSaleView,
  QueueTokenView,
} from '../../src/contracts/queue';
import type { ReservationPage, ReservationTimelineView, ReservationView } from '../../src/contracts/reservation';
import type { z } from 'zod';
import { checkReply, operation, send, type Reply } from './http';

export interface CallOptions {
  /** The `{id}` or `{name}` of the path. */
  id?: number | string;
  query?: Record<string, string | number | boolean | undefined>;
  json?: unknown;
  raw?: string | Buffer;
  /** `undefined` leaves one out that would be sent otherwise. */
  headers?: Record<string, string | undefined>;
  /** A new one unless it is named. */
  key?: string;
  signal?: AbortSignal;
}

/** Somebody with a session, a queue token once they joined, and the calls of the API. Every reply is held against it. */
export class Fan {
  constructor(
    readonly url: string,
    readonly userId: number,
    readonly accessToken: string,
    /** Sent with every call once there is one. */
    public queueToken?: string,
  ) {}

  /** The same person at another API process. */
  at({ url }: { url: string }): Fan {
    return new Fan(url, this.userId, this.accessToken, this.queueToken);
  }

  /** Calls an operation of the API document by its id. */
  async call<Body>(operationId: string, options: CallOptions = {}): Promise<Reply<Body>> {
    const about = operation(operationId);
    const query = Object.entries(options.query ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
    );
    const search = query.length > 0 ? `?${query.join('&')}` : '';
    const reply = await send<Body>(this.url, {
      method: about.method.toUpperCase(),
      path: about.path.replace(/\{\w+\}/, encodeURIComponent(String(options.id))) + search,
      headers: {
        authorization: `Bearer ${this.accessToken}`,
        'x-queue-token': this.queueToken,
        ...(about.idempotencyKey ? { 'idempotency-key': options.key ?? randomUUID() } : {}),
        ...options.headers,
      },
      json: options.json,
      ...(options.raw === undefined ? {} : { raw: options.raw }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    checkReply(about, reply);
    return reply;
  }

  /** Joins a queue and keeps the token. */
  async join(queue?: string): Promise<Reply<QueueTokenView>> {
    const reply = await this.call<QueueTokenView>('issueQueueToken', queue ? { json: { queue } } : {});
    if (reply.body) this.queueToken = reply.body.token;
    return reply;
  }

  queueSale = () => this.call<QueueSaleView>('getQueueSale');
  poll = () => this.call<QueueTokenView>('getQueueToken');
  leave = () => this.call<undefined>('leaveQueue');

  concerts = (query: CallOptions['query'] = {}) => this.call<z.infer<typeof ConcertPage>>('listConcerts', { query });
  concert = (id: number | string) => this.call<ConcertView>('getConcert', { id });
  schedules = (id: number | string) => this.call<z.infer<typeof ScheduleList>>('listSchedules', { id });
  seats = (id: number | string, options: CallOptions = {}) => this.call<SeatMapView>('listSeats', { id, ...options });

  plan = (id: number | string, options: CallOptions = {}) => this.call<PlanView>('getPlan', { id, ...options });

  hold = (scheduleId: number, seatIds: number[], key?: string) =>
    this.call<ReservationView>('holdSeats', { json: { scheduleId, seatIds }, ...(key ? { key } : {}) });
  reservations = (query: CallOptions['query'] = {}) =>
    this.call<z.infer<typeof ReservationPage>>('listReservations', { query });
  reservation = (id: number | string) => this.call<ReservationView>('getReservation', { id });
  timeline = (id: number | string) => this.call<ReservationTimelineView>('getReservationTimeline', { id });
  cancel = (id: number | string) => this.call<ReservationView>('cancelReservation', { id });

  pay = (reservationId: number, key?: string) =>
    this.call<PaymentView>('payReservation', { json: { reservationId }, ...(key ? { key } : {}) });
  payment = (id: number | string) => this.call<PaymentView>('getPayment', { id });

  asset = () => this.call<AssetView>('getAsset');
  entries = (query: CallOptions['query'] = {}) =>
    this.call<z.infer<typeof AssetEntryPage>>('listAssetEntries', { query });
  charge = (amount: number, key?: string) =>
    this.call<ChargeView>('chargeAsset', { json: { amount }, ...(key ? { key } : {}) });

  addConcert = (json: object) => this.call<ConcertView>('createConcert', { json });
  addSchedule = (id: number | string, json: object) => this.call<ScheduleView>('createSchedule', { id, json });
  addSeats = (id: number | string, json: object) => this.call<SeatsAddedView>('addSeats', { id, json });
  importPlan = (id: number | string, json: object) => this.call<SeatsAddedView>('importPlan', { id, json });
  exportPlan = (id: number | string) => this.call<PlanExportView>('exportPlan', { id });
  changeSchedule = (id: number | string, json: object) => this.call<AdminScheduleView>('updateSchedule', { id, json });
  overview = () => this.call<OverviewView>('getOverview');
  sales = (id: number | string, query: CallOptions['query'] = {}) =>
    this.call<SalesHistoryView>('getSales', { id, query });
  bookings = (query: CallOptions['query']) => this.call<z.infer<typeof BookingList>>('findBookings', { query });
  queues = () => this.call<z.infer<typeof QueueList>>('listQueues');
  setQueue = (name: string, json: QueueSettingsPatch) =>
    this.call<QueueSettingsView>('updateQueue', { id: name, json });
}

/** Becomes a new user at an API process in dev mode. */
export async function newFan({ url }: { url: string }, role: 'user' | 'admin' = 'user'): Promise<Fan> {
  const nobody = new Fan(url, 0, 'none');
  const reply = await nobody.call<SessionView>('createSession', {
    json: { role },
    headers: { authorization: undefined },
  });
  if (!reply.body) throw new Error(`no session: ${reply.text}`);
  return new Fan(url, reply.body.userId, reply.body.accessToken);
}

/** Fewer at once than even a strained process lets wait in line. */
const COMING_AT_ONCE = 100;

/** That many, made a few at a time. */
async function many<One>(count: number, make: () => Promise<One>): Promise<One[]> {
  const made: One[] = [];
  while (made.length < count) {
    const next = Math.min(COMING_AT_ONCE, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: next }, make))));
  }
  return made;
}

/** That many new users. */
export const newFans = (api: { url: string }, count: number): Promise<Fan[]> => many(count, () => newFan(api));

export interface Sale {
  /** Of this sale alone. */
  queue: string;
  concertId: number;
  scheduleId: number;
  seatIds: number[];
}

const DAY_MS = 86_400_000;

/** Seats, … of the category R, in rows A, B, … of as many seats as given, else in one. */
export function rowPlan(seatCount: number, perRow = seatCount): SeatingPlan {
  const rows = Array.from({ length: Math.ceil(seatCount / perRow) }, (_, row) => {
    const letter = String.fromCharCode('A'.charCodeAt(0) + row);
    const seats = Array.from({ length: Math.min(perRow, seatCount - row * perRow) }, (__, index) => ({
      seat_guid: `${letter.toLowerCase()}-${index + 1}`,
      seat_number: String(index + 1),
      position: { x: 24 * index, y: 28 * row },
      category: 'R',
    }));
    return { row_number: letter, seats };
  });
  return {
    name: 'Lighthouse',
    categories: [{ name: 'R', color: '#7c3aed' }],
    zones: [{ position: { x: 20, y: 20 }, rows }],
    size: { width: 24 * perRow + 40, height: 28 * rows.length + 40 },
  };
}

/** A new concert with a date on sale and seats, … at 99,000, sold through a queue of its own. */
export async function newSale(
  admin: Fan,
  settings: QueueSettingsPatch & { seats?: number; fromDays?: number } = {},
): Promise<Sale> {
  const { seats: seatCount = 8, fromDays = -1, ...queueSettings } = settings;
  const queue = `q-${randomUUID().slice(0, 8)}`;
  const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  const concert = await admin.addConcert({ name: 'Night Swim', description: 'One voice, one harp.', queue });
  const schedule = await admin.addSchedule(concert.body.id, {
    place: 'Lighthouse',
    reservationStartAt: day(fromDays),
    reservationEndAt: day(fromDays + 10),
    concertAt: day(fromDays + 11),
  });
  const { added } = (await admin.importPlan(schedule.body.id, { plan: rowPlan(seatCount), prices: { R: 99_000 } }))
    .body;
  if (added !== seatCount) throw new Error(`${added} seats were added`);
  const seatIds = await readSeatIds(admin, queue, schedule.body.id);
  if (Object.keys(queueSettings).length > 0) await admin.setQueue(queue, queueSettings);
  return { queue, concertId: concert.body.id, scheduleId: schedule.body.id, seatIds };
}

/** Whoever wants to see the seats has to be inside. */
async function readSeatIds(admin: Fan, queue: string, scheduleId: number): Promise<number[]> {
  const visitor = await newFan(admin);
  await visitor.join(queue);
  const map = await visitor.seats(scheduleId);
  await visitor.leave();
  return map.body.seats.map((seat) => seat.id);
}

/** A new user inside the queue of a sale, with a balance. */
export async function newGuest(api: { url: string }, sale: Sale, balance = 0): Promise<Fan> {
  const fan = await newFan(api);
  if (balance > 0) await fan.charge(balance);
  const token = await fan.join(sale.queue);
  if (token.body.status !== 'ACTIVE') throw new Error(`the token is ${token.body.status}`);
  return fan;
}

/** That many new users inside the queue of a sale. */
export const newGuests = (api: { url: string }, sale: Sale, count: number): Promise<Fan[]> =>
  many(count, () => newGuest(api, sale));
