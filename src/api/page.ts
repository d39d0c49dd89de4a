import type { Request } from 'express';
import type { z } from 'zod';
import { PageQuery } from '../contracts/common';
import { invalid, Refusal } from '../errors';

/** Says what the bytes are, so that a cursor of another kind is refused rather than misread. */
const CURSOR_PREFIX = 'id:';

/** The cursor after the item with this id: opaque to clients. */
export function encodeCursor(id: number): string {
  return Buffer.from(`${CURSOR_PREFIX}${id}`).toString('base64url');
}

/** The id in a cursor made by `encodeCursor`; `undefined` for any other text. */
export function decodeCursor(cursor: string): number | undefined {
  const id = parseId(Buffer.from(cursor, 'base64url').toString('latin1').slice(CURSOR_PREFIX.length));
  return id !== undefined && encodeCursor(id) === cursor ? id : undefined;
}

/** A positive safe integer in its canonical decimal form; `undefined` for any other text. */
export function parseId(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^[1-9]\d{0,15}$/.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** The `{id}` of the path. Anything that cannot be an id is 404 `not_found`: nothing can be there. */
export function pathId(req: Request): number {
  const id = parseId(req.params.id);
  if (id === undefined) throw new Refusal('not_found', 'There is nothing with this id.');
  return id;
}

/** The query parameters in the shape of `schema`; unknown ones and repeated ones are 400 with a pointer `/name`. */
export function parseQuery<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  // Express gives an object without prototype, which zod takes for no plain object.
  return schema.parse({ ...req.query });
}

/** Which page is asked for. `edge` is the id of the last item of the page before. */
export function parsePage(req: Request): { limit: number; edge: number | undefined } {
  const { limit, cursor } = parseQuery(req, PageQuery);
  if (cursor === undefined) return { limit, edge: undefined };
  const edge = decodeCursor(cursor);
  if (edge === undefined) throw invalid({ pointer: '/cursor', detail: 'is not a cursor of this list' });
  return { limit, edge };
}

/** A page from rows read with a limit one higher than asked: the surplus row only says that there is more. */
export function toPage<Item extends { id: number }>(
  rows: Item[],
  limit: number,
): { items: Item[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(last.id) : null };
}
