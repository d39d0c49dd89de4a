import { z } from 'zod';
import { Currency, Id, Money, Time } from './common';

export const PaymentRequest = z
  .strictObject({ reservationId: Id })
  .meta({ id: 'PaymentRequest', description: 'The held reservation to pay' });
export type PaymentRequest = z.infer<typeof PaymentRequest>;

export const PaymentView = z
  .object({
    id: Id,
    reservationId: Id,
    price: z
      .int()
      .min(0)
      .meta({ description: 'What was debited, in the minor unit of the currency', example: 198_000 }),
    currency: Currency,
    paidAt: Time,
    balance: Money.meta({ description: 'What was left right after the debit', example: 802_000 }),
  })
  .meta({ id: 'Payment', description: 'The one payment of a reservation' });
export type PaymentView = z.infer<typeof PaymentView>;
