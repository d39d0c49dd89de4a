import { z } from 'zod';
import { Currency, Id, Money, NextCursor, Time } from './common';

/** The largest single charge: a slip of a few digits is caught before it is money. */
export const CHARGE_MAX = 1_000_000_000;

export const ENTRY_KINDS = ['CHARGE', 'PAYMENT', 'REFUND'] as const;

export const AssetView = z
  .object({ userId: Id, balance: Money.meta({ example: 1_000_000 }), currency: Currency })
  .meta({ id: 'Asset', description: 'The money of a user' });
export type AssetView = z.infer<typeof AssetView>;

export const ChargeRequest = z
  .strictObject({
    amount: z
      .int()
      .min(1)
      .max(CHARGE_MAX)
      .meta({ description: 'In the minor unit of the currency', example: 1_000_000 }),
  })
  .meta({ id: 'ChargeRequest', description: 'How much to add to the balance' });
export type ChargeRequest = z.infer<typeof ChargeRequest>;

export const ChargeView = z
  .object({
    entryId: Id.meta({ description: 'The ledger entry of this charge' }),
    amount: z.int().min(1).meta({ example: 1_000_000 }),
    balance: Money.meta({ description: 'What it came to, right after', example: 1_000_000 }),
    currency: Currency,
  })
  .meta({ id: 'Charge', description: 'A charge that was made' });
export type ChargeView = z.infer<typeof ChargeView>;

export const AssetEntryView = z
  .object({
    id: Id,
    kind: z.enum(ENTRY_KINDS),
    amount: z.int().meta({ description: 'Signed: a debit is negative', example: -198_000 }),
    balanceAfter: Money,
    reference: z.string().meta({ description: 'What it was for; unique', example: 'payment-reservation-1' }),
    createdAt: Time,
  })
  .meta({ id: 'AssetEntry', description: 'One movement in the ledger' });
export type AssetEntryView = z.infer<typeof AssetEntryView>;

export const AssetEntryPage = z
  .object({ items: z.array(AssetEntryView), nextCursor: NextCursor })
  .meta({ id: 'AssetEntryPage', description: "The movements of the caller's balance, newest first" });
