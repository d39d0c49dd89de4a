import { Refusal } from '../errors';
import type { Transaction } from './connect';
import type { HoldInput, HoldTerms } from './hold';
import { select } from './sql';
import type { Skip } from './together';

interface Token {
  id: number;
  status: string;
  /** New holds are taken before this only. */
  holdsUntil: Date | null;
}

interface Sale {
  id: number;
  queueId: number;
  onSale: number;
  now: Date;
}

/** Tickets of a user and a date: paid, or held now. */
export interface Tickets {
  of(owner: Owner): number;
  add(owner: Owner, count: number): void;
}
type Owner = Pick<HoldInput, 'userId' | 'scheduleId'>;

/** Everything but the seats that decides about holds, read under the locks of the tokens. */
export interface TermsRead {
  /** By id; in company, without those that somebody else has locked. */
  tokens: Map<number, Token>;
  sales: Map<number, Sale>;
  tickets: Tickets;
  maxTickets: number;
}

/** Locks the tokens, then reads what else counts; the clock after the locks. */
export async function readTerms(
  trx: Transaction,
  { maxTickets }: HoldTerms,
  inputs: readonly HoldInput[],
  skip: Skip,
): Promise<TermsRead> {
  const tokens = await select<Token>(
    trx,
    `SELECT id, status, holds_until AS holdsUntil FROM waiting_token WHERE id IN (?) ORDER BY id FOR UPDATE ${skip}`,
    [inputs.map((input) => input.tokenId)],
  );
  const sales = await select<Sale>(
    trx,
    `SELECT s.id, c.queue_id AS queueId, NOW(3) AS now,
       s.reservation_st_date <= NOW(3) AND NOW(3) < s.reservation_end_date AS onSale
     FROM concert_schedule s JOIN concert c ON c.id = s.concert_id WHERE s.id IN (?)`,
    [inputs.map((input) => input.scheduleId)],
  );
  const byId = <Row extends { id: number }>(rows: Row[]) => new Map(rows.map((row) => [row.id, row]));
  return { tokens: byId(tokens), sales: byId(sales), tickets: await readTickets(trx, inputs), maxTickets };
}

async function readTickets(trx: Transaction, inputs: readonly HoldInput[]): Promise<Tickets> {
  const rows = await select<Owner & { count: number }>(
    trx,
    `SELECT r.user_id AS userId, r.concert_schedule_id AS scheduleId, COUNT(*) AS count
     FROM reservation r JOIN reservation_ticket t ON t.reservation_id = r.id
     WHERE r.user_id IN (?) AND r.concert_schedule_id IN (?)
       AND (r.status = 'PAID' OR (r.status = 'HELD' AND r.expires_at > NOW(3)))
     GROUP BY r.user_id, r.concert_schedule_id`,
    [inputs.map((input) => input.userId), inputs.map((input) => input.scheduleId)],
  );
  const name = (owner: Owner) => `${owner.userId} ${owner.scheduleId}`;
  const counts = new Map(rows.map((row) => [name(row), row.count]));
  const of = (owner: Owner) => counts.get(name(owner)) ?? 0;
  return { of, add: (owner, count) => void counts.set(name(owner), of(owner) + count) };
}

/** The refusal that token, sale or ticket limit call for, if any. */
export function checkTerms(input: HoldInput, { tokens, sales, tickets, maxTickets }: TermsRead): Refusal | undefined {
  const { scheduleId, seatIds } = input;
  const sale = sales.get(scheduleId);
  if (!sale) return new Refusal('not_found', `There is no schedule ${scheduleId}.`);
  const token = tokens.get(input.tokenId);
  if (token?.status !== 'ACTIVE' || !token.holdsUntil || token.holdsUntil <= sale.now) {
    return new Refusal('queue_token_ended', 'The time of this queue token for new holds is over.');
  }
  if (sale.queueId !== input.queueId) {
    return new Refusal('queue_token_of_another_queue', 'This schedule is sold through another queue.');
  }
  if (!sale.onSale) return new Refusal('sales_not_open', `Schedule ${scheduleId} is not on sale now.`);
  const before = tickets.of(input);
  if (before + seatIds.length <= maxTickets) return undefined;
  return new Refusal(
    'ticket_limit_exceeded',
    `One user may have ${maxTickets} tickets of a date; you have ${before} and asked for ${seatIds.length}.`,
  );
}
