import { z } from 'zod';
import { ERRORS } from '../errors';

/**
 * The largest price or balance, in minor units. A hundred tickets (the most `MAX_TICKETS_PER_USER` allows) at this
 * price still add up to an integer that every JSON reader holds exactly.
 */
export const MONEY_MAX = 1_000_000_000_000;

/** Items in one page of a list: what fits a screen, and the most that one cheap indexed read returns. */
export const PAGE_LIMIT_DEFAULT = 20;
export const PAGE_LIMIT_MAX = 100;

/** A lone half of a surrogate pair cannot be stored as UTF-8: it would come back as another text. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** `DATETIME` holds four-digit years only; the past before 1970 is no concert date. */
const TIME_MIN_MS = 0;
const TIME_MAX_MS = Date.UTC(9999, 11, 31);

/** Identifies a row in a path or a body. */
export const Id = z.int().positive().meta({ description: 'A positive integer', example: 1 });

/** An amount that is never negative. */
export const Money = z
  .int()
  .min(0)
  .max(MONEY_MAX)
  .meta({ description: 'In the minor unit of the currency', example: 99_000 });

export const Currency = z.string().meta({ description: 'ISO 4217 code', example: 'KRW' });

/** A moment in replies: always UTC with milliseconds. */
export const Time = z
  .string()
  .meta({ format: 'date-time', description: 'RFC 3339, UTC, milliseconds', example: '2026-12-01T11:00:00.000Z' });

/** A moment in requests: RFC 3339 with any offset; what is stored is the same moment in UTC. */
export const TimeInput = z
  .string()
  .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, 'must be an RFC 3339 date-time')
  .refine((text) => !(Date.parse(text) < TIME_MIN_MS || Date.parse(text) > TIME_MAX_MS), 'must be from 1970 to 9999')
  .meta({
    format: 'date-time',
    description: 'RFC 3339 with an offset, from 1970 to 9999',
    example: '2026-12-01T20:00:00+09:00',
  });

/** Text of `min` to `max` characters, counted as the database and JSON Schema count them: in code points. */
export function text(min: number, max: number) {
  return z
    .string()
    .refine((value) => hasLength(value, min, max), `must have ${min} to ${max} characters`)
    .refine((value) => !LONE_SURROGATE.test(value), 'must be well-formed Unicode')
    .meta({ minLength: min, maxLength: max });
}

function hasLength(value: string, min: number, max: number): boolean {
  const { length } = Array.from(value);
  return length >= min && length <= max;
}

/**
 * A line has no control character and no line break, and no white space at either end. Both are spelt out, because `.`
 * and `\s` mean another thing to every language that reads the pattern in the document.
 */
const CONTROL = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029`;
const EDGE = String.raw`[^\s\ufeff${CONTROL}]`;
const LINE = new RegExp(`^${EDGE}(?:[^${CONTROL}]*${EDGE})?$`, 'u');

/** Text on one line that neither begins nor ends with white space: two names that look alike are alike. */
export function line(min: number, max: number) {
  return text(min, max)
    .regex(LINE, 'must be one line without control characters, and without white space around it')
    .meta({ description: 'One line, without white space around it', minLength: min, maxLength: max });
}

/** The query parameters of every paged list. */
export const PageQuery = z.strictObject({
  limit: z
    .preprocess(integerFromDigits, z.int().min(1).max(PAGE_LIMIT_MAX))
    .default(PAGE_LIMIT_DEFAULT)
    .meta({ description: `How many items to return; ${PAGE_LIMIT_DEFAULT} unless given` }),
  cursor: z.string().optional().meta({ description: 'The `nextCursor` of the page before', minLength: 1 }),
});

/** Query parameters are text; anything but plain digits is left as it is for the schema to refuse. */
function integerFromDigits(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

export const NextCursor = z
  .string()
  .nullable()
  .meta({ description: 'Give it as `cursor` to read on; null on the last page', example: null });

export const FieldFaultView = z
  .object({
    pointer: z
      .string()
      .meta({ description: 'RFC 6901 pointer into the body, or `/name` of a parameter', example: '/seatIds/1' }),
    detail: z.string().meta({ example: 'is there twice' }),
  })
  .meta({ id: 'FieldFault', description: 'What is wrong with one input field' });

/** RFC 9457; further members depend on the code (`position`, `seatIds`, `balance`, `required`). */
export const Problem = z
  .looseObject({
    type: z.string().meta({ example: 'urn:frontrow:problem:validation_failed' }),
    title: z.string().meta({ example: 'The request is not valid' }),
    status: z.int().meta({ example: 400 }),
    detail: z.string(),
    code: z.enum(Object.keys(ERRORS) as [string, ...string[]]).meta({ description: 'Stable: decide by this' }),
    retryable: z.boolean().meta({ description: 'Whether the same request can succeed later, unchanged' }),
    traceId: z
      .string()
      .meta({ description: 'Quote it when asking for help', example: '4bf92f3577b34da6a3ce929d0e0e4736' }),
    errors: z.array(FieldFaultView).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'Why a request was refused (RFC 9457); some codes add members, as their examples show',
  });
export type Problem = z.infer<typeof Problem>;

/** The last event of a stream whose reader may not read on: what a new request would be refused with. */
export const StreamEndView = Problem.pick({ code: true, detail: true }).meta({
  id: 'StreamEnd',
  description: 'Why a stream ends',
  example: { code: 'queue_token_ended', detail: 'This queue token is EXPIRED; ask for a new one.' },
});
export type StreamEndView = z.infer<typeof StreamEndView>;
