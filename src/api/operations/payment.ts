import { PaymentRequest, PaymentView } from '../../contracts/payment';
import { API } from '../paths';
import type { Operation } from './operation';

const toPayment = [{ operationId: 'getPayment', parameters: { id: '$response.body#/id' } }];

export const paymentOperations: readonly Operation[] = [
  {
    method: 'post',
    path: `${API}/payments`,
    operationId: 'payReservation',
    tag: 'Payments',
    summary: 'Pay a held reservation',
    description:
      'Debits the balance and sells the seats, once. When your last hold is paid, your queue token is used up. Paying ' +
      'again answers with the same payment and needs no token. After 503, repeat with the same key: it may be paid.',
    access: 'guarded',
    body: { schema: PaymentRequest, required: true },
    idempotencyKey: 'pay-1',
    replies: [
      {
        status: 201,
        description: 'Paid',
        body: PaymentView,
        headers: ['Location', 'Idempotency-Replayed'],
        links: toPayment,
      },
      { status: 200, description: 'It was paid before', body: PaymentView },
    ],
    refusals: [
      'queue_token_of_another_queue',
      'not_found',
      'insufficient_balance',
      'reservation_not_payable',
      'hold_expired',
    ],
  },
  {
    method: 'get',
    path: `${API}/payments/{id}`,
    operationId: 'getPayment',
    tag: 'Payments',
    summary: 'Read a payment',
    description: 'One of your payments.',
    access: 'user',
    replies: [{ status: 200, description: 'The payment', body: PaymentView }],
    refusals: [],
  },
];
