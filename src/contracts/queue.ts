import { z } from 'zod';
import { Id, Time } from './common';
import { ConcertName } from './concert';

/** The queue of every request and concert that does not name one. */
export const QUEUE_DEFAULT = 'main';

/** The states of a queue token, in the order in which it can pass through them. */
export const TOKEN_STATUSES = ['WAITING', 'ACTIVE', 'USED', 'EXPIRED', 'LEFT'] as const;

/** Bounds of a queue's settings: the same as of `QUEUE_MAX_ACTIVE` and `QUEUE_ACTIVE_SECONDS`. */
const MAX_ACTIVE_MAX = 1_000_000;
const ACTIVE_SECONDS_MAX = 86_400;
const ADMIT_PER_MINUTE_MAX = 1_000_000;

/** A queue's name: usable in a path, a metric label and a search attribute as it is. */
export const QueueName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits or hyphens')
  .meta({ description: 'Name of a queue', example: QUEUE_DEFAULT });

export const IssueTokenRequest = z
  .strictObject({ queue: QueueName.default(QUEUE_DEFAULT) })
  .meta({ id: 'IssueTokenRequest', description: 'Which queue to join', example: { queue: QUEUE_DEFAULT } });
export type IssueTokenRequest = z.infer<typeof IssueTokenRequest>;

export const QueueTokenView = z
  .object({
    token: z.string().meta({ description: 'Send it as X-Queue-Token; keep it secret' }),
    queue: QueueName,
    status: z.enum(TOKEN_STATUSES),
    position: z.int().min(0).meta({ description: '1 = next; 0 when not waiting (any more)' }),
    ahead: z.int().min(0).meta({ description: 'How many are let in before you' }),
    estimatedWaitSeconds: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'null while nobody is let in, and when ended' }),
    pollAfterMs: z.int().min(0).meta({ description: 'Ask again after this long' }),
    issuedAt: Time,
    activatedAt: Time.nullable(),
    expiresAt: Time.nullable().meta({
      description:
        'When the token ends. A hold extends it so that it can be paid; new holds are refused after the original end.',
    }),
  })
  .meta({
    id: 'QueueToken',
    description: 'A place in the queue',
    example: {
      token: '17.b1qkGFX0yQ5pM1lfkGfZ0PyjvG7lB2Hn1q0pN9k2y3E',
      queue: QUEUE_DEFAULT,
      status: 'WAITING',
      position: 3,
      ahead: 2,
      estimatedWaitSeconds: 12,
      pollAfterMs: 1_027,
      issuedAt: '2026-12-01T11:00:00.000Z',
      activatedAt: null,
      expiresAt: null,
    },
  });
export type QueueTokenView = z.infer<typeof QueueTokenView>;

export const QueueSaleView = z
  .object({
    items: z.array(
      z.object({
        concertId: Id,
        name: ConcertName,
        availableSeats: z.int().min(0).meta({ description: 'Of all its dates on sale', example: 42 }),
      }),
    ),
  })
  .meta({ id: 'QueueSale', description: 'What is on sale through a queue, and how much of it is left' });
export type QueueSaleView = z.infer<typeof QueueSaleView>;

const queueSettings = {
  maxActive: z.int().min(0).max(MAX_ACTIVE_MAX).meta({ description: 'How many may be inside at once', example: 50 }),
  activeSeconds: z
    .int()
    .min(1)
    .max(ACTIVE_SECONDS_MAX)
    .meta({ description: 'How long a token is active', example: 600 }),
  admitPerMinute: z
    .int()
    .min(1)
    .max(ADMIT_PER_MINUTE_MAX)
    .nullable()
    .meta({ description: 'How many are let in per minute; null = as many as fit', example: 600 }),
  paused: z.boolean().meta({ description: 'Lets nobody in; who is inside stays', example: false }),
};

export const QueueSettingsPatch = z
  .strictObject(queueSettings)
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name at least one setting')
  .meta({
    id: 'QueueSettingsPatch',
    description: 'The settings to change',
    minProperties: 1,
    example: { maxActive: 50, paused: false },
  });
export type QueueSettingsPatch = z.infer<typeof QueueSettingsPatch>;

export const QueueSettingsView = z
  .object({
    name: QueueName,
    ...queueSettings,
    waiting: z.int().min(0).meta({ description: 'Tokens waiting now', example: 120 }),
    active: z.int().min(0).meta({ description: 'Tokens active now', example: 50 }),
  })
  .meta({ id: 'QueueSettings', description: 'A queue, its settings and how full it is' });
export type QueueSettingsView = z.infer<typeof QueueSettingsView>;

export const QueueList = z.object({ items: z.array(QueueSettingsView) }).meta({ id: 'QueueList' });
