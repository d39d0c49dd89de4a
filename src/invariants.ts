/**
 * What may never be, whatever has crashed: one table for comments, metrics, logs, tests and documents. Those that rows
 * can show are checked by `db/invariants`, open workflows by `temporal/inspect`; what no row shows (I13, I15), by tests.
 */
export const INVARIANTS = {
  I1_seat_owner: 'a seat with two live owners',
  I2_seat_count: 'a date whose sold and held seats are not those of its reservations',
  I3_payment: 'PAID without exactly one payment and one debit of its user and price, or a payment without PAID',
  I4_balance: 'a balance that is not the sum of its ledger',
  I5_one_token: 'two live tokens of one user in a queue, or two equal ticket numbers',
  I6_order: 'a token admitted before an earlier one that was still waiting',
  I7_cap: 'an admission beyond the cap in force at that moment',
  I8_rate: 'admissions beyond the rate in force, within a minute',
  I9_live_token: 'a hold or a payment made outside the active life of its own token',
  I10_one_effect: 'one idempotency key with two effects, or an effect that is not stored under exactly one',
  I11_ticket_limit: 'tickets of a user beyond the limit in force when they were held',
  I12_seat_release:
    'a hold long overdue and not settled, a seat sold without a sold ticket, or a paid ticket whose seat is not its own',
  I13_read: 'a GET that changed something',
  I14_workflow: 'a hold or an active token without a workflow for over a minute, while none is started',
  I14_open_workflow: 'an open workflow whose row ended over a minute ago',
  I15_secret: 'a token, key or password in a log or in a history',
} as const;

export type InvariantName = keyof typeof INVARIANTS;

/** The result of one check: sound without rows. */
export interface Checked {
  name: InvariantName;
  sentence: string;
  /** What violates it, the first hundred or so. */
  rows: object[];
}

export function checked(name: InvariantName, rows: object[]): Checked {
  return { name, sentence: INVARIANTS[name], rows };
}
