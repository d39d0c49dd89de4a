// Made from the document of the API by `npm run client-types`.
export type FieldFault = { "pointer": string; "detail": string };
export type Problem = { "type": string; "title": string; "status": number; "detail": string; "code": "validation_failed" | "idempotency_key_required" | "unauthenticated" | "queue_token_required" | "queue_token_unknown" | "insufficient_balance" | "forbidden" | "queue_token_waiting" | "queue_token_ended" | "queue_token_of_another_user" | "queue_token_of_another_queue" | "not_found" | "method_not_allowed" | "seat_taken" | "seat_contended" | "sales_not_open" | "reservation_not_payable" | "reservation_not_cancellable" | "ticket_limit_exceeded" | "idempotency_in_flight" | "hold_expired" | "payload_too_large" | "unsupported_media_type" | "idempotency_key_reused" | "rate_limited" | "internal" | "unavailable"; "retryable": boolean; "traceId": string; "errors"?: Array<FieldFault>; [more: string]: unknown };
export type Concert = { "id": number; "name": string; "description": string };
export type ConcertPage = { "items": Array<Concert>; "nextCursor": string | null };
export type Schedule = { "id": number; "concertId": number; "place": string; "reservationStartAt": string; "reservationEndAt": string; "concertAt": string; "availableSeats": number };
export type ScheduleList = { "items": Array<Schedule> };
export type Seat = { "id": number; "location": string; "price": number; "available": boolean };
export type SeatMap = { "scheduleId": number; "asOf": string; "availableSeats": number; "seats": Array<Seat> };
export type IssueTokenRequest = { "queue"?: string };
export type QueueToken = { "token": string; "queue": string; "status": "WAITING" | "ACTIVE" | "USED" | "EXPIRED" | "LEFT"; "position": number; "ahead": number; "estimatedWaitSeconds": number | null; "pollAfterMs": number; "issuedAt": string; "activatedAt": string | null; "expiresAt": string | null };
export type QueueSettingsPatch = { "maxActive"?: number; "activeSeconds"?: number; "admitPerMinute"?: number | null; "paused"?: boolean };
export type QueueSettings = { "name": string; "maxActive": number; "activeSeconds": number; "admitPerMinute": number | null; "paused": boolean; "waiting": number; "active": number };
export type QueueList = { "items": Array<QueueSettings> };
export type CreateConcertRequest = { "name": string; "description": string; "queue"?: string };
export type CreateScheduleRequest = { "place": string; "reservationStartAt": string; "reservationEndAt": string; "concertAt": string };
export type NewSeat = { "location": string; "price": number };
export type AddSeatsRequest = { "seats": Array<NewSeat> };
export type SeatsAdded = { "added": number };
export type SessionRequest = { "role"?: "user" | "admin" };
export type Session = { "userId": number; "accessToken": string; "expiresAt": string };
export type Asset = { "userId": number; "balance": number; "currency": string };
export type ChargeRequest = { "amount": number };
export type Charge = { "entryId": number; "amount": number; "balance": number; "currency": string };
export type AssetEntry = { "id": number; "kind": "CHARGE" | "PAYMENT" | "REFUND"; "amount": number; "balanceAfter": number; "reference": string; "createdAt": string };
export type AssetEntryPage = { "items": Array<AssetEntry>; "nextCursor": string | null };
export type Liveness = { "status": "alive" };
export type Readiness = { "status": "ready" | "not ready"; "checks": { "database": "up" | "down"; "queueSnapshot": "fresh" | "stale"; "temporal": "up" | "down" | "unknown"; "process": "running" | "stopping" } };
export type PaymentRequest = { "reservationId": number };
export type Payment = { "id": number; "reservationId": number; "price": number; "currency": string; "paidAt": string; "balance": number };
export type HoldRequest = { "scheduleId": number; "seatIds": Array<number> };
export type Ticket = { "id": number; "seatId": number; "location": string; "price": number };
export type Reservation = { "id": number; "status": "HELD" | "PAID" | "EXPIRED" | "CANCELLED"; "scheduleId": number; "totalPrice": number; "currency": string; "reservedAt": string; "expiresAt": string; "expiresInSeconds": number; "completedAt": string | null; "paymentId": number | null; "tickets": Array<Ticket> };
export type ReservationPage = { "items": Array<Reservation>; "nextCursor": string | null };
export type ReservationTimeline = { "reservationId": number; "concertName": string; "place": string; "concertAt": string; "steps": Array<{ "step": "QUEUED" | "ADMITTED" | "HELD" | "PAID" | "EXPIRED" | "CANCELLED"; "at": string }>; "payment": Payment | null };
export type ErrorCode = Problem['code'];
export interface Operations {
  createSession: { takes: { body?: SessionRequest }; gives: Session };
  issueQueueToken: { takes: { body?: IssueTokenRequest }; gives: QueueToken };
  getQueueToken: { takes: {  }; gives: QueueToken };
  leaveQueue: { takes: {  }; gives: undefined };
  listConcerts: { takes: { query?: { limit?: number; cursor?: string } }; gives: ConcertPage };
  getConcert: { takes: { id: number }; gives: Concert };
  listSchedules: { takes: { id: number }; gives: ScheduleList };
  listSeats: { takes: { id: number; query?: { available?: boolean } }; gives: SeatMap };
  holdSeats: { takes: { body: HoldRequest }; gives: Reservation };
  listReservations: { takes: { query?: { limit?: number; cursor?: string } }; gives: ReservationPage };
  getReservation: { takes: { id: number }; gives: Reservation };
  cancelReservation: { takes: { id: number }; gives: Reservation };
  getReservationTimeline: { takes: { id: number }; gives: ReservationTimeline };
  getAsset: { takes: {  }; gives: Asset };
  listAssetEntries: { takes: { query?: { limit?: number; cursor?: string } }; gives: AssetEntryPage };
  chargeAsset: { takes: { body: ChargeRequest }; gives: Charge };
  payReservation: { takes: { body: PaymentRequest }; gives: Payment };
  getPayment: { takes: { id: number }; gives: Payment };
  createConcert: { takes: { body: CreateConcertRequest }; gives: Concert };
  createSchedule: { takes: { id: number; body: CreateScheduleRequest }; gives: Schedule };
  addSeats: { takes: { id: number; body: AddSeatsRequest }; gives: SeatsAdded };
  listQueues: { takes: {  }; gives: QueueList };
  updateQueue: { takes: { name: string; body: QueueSettingsPatch }; gives: QueueSettings };
  getLiveness: { takes: {  }; gives: Liveness };
  getReadiness: { takes: {  }; gives: Readiness };
  getMetrics: { takes: {  }; gives: undefined };
  getOpenApi: { takes: {  }; gives: { "openapi": string; [more: string]: unknown } };
}
export const OPERATIONS: { [Id in keyof Operations]: { method: string; path: string; once: boolean } } = {
  createSession: { method: 'POST', path: '/api/v1/dev/sessions', once: false },
  issueQueueToken: { method: 'POST', path: '/api/v1/queue/tokens', once: false },
  getQueueToken: { method: 'GET', path: '/api/v1/queue/token', once: false },
  leaveQueue: { method: 'DELETE', path: '/api/v1/queue/token', once: false },
  listConcerts: { method: 'GET', path: '/api/v1/concerts', once: false },
  getConcert: { method: 'GET', path: '/api/v1/concerts/{id}', once: false },
  listSchedules: { method: 'GET', path: '/api/v1/concerts/{id}/schedules', once: false },
  listSeats: { method: 'GET', path: '/api/v1/schedules/{id}/seats', once: false },
  holdSeats: { method: 'POST', path: '/api/v1/reservations', once: true },
  listReservations: { method: 'GET', path: '/api/v1/reservations', once: false },
  getReservation: { method: 'GET', path: '/api/v1/reservations/{id}', once: false },
  cancelReservation: { method: 'DELETE', path: '/api/v1/reservations/{id}', once: false },
  getReservationTimeline: { method: 'GET', path: '/api/v1/reservations/{id}/timeline', once: false },
  getAsset: { method: 'GET', path: '/api/v1/asset', once: false },
  listAssetEntries: { method: 'GET', path: '/api/v1/asset/entries', once: false },
  chargeAsset: { method: 'POST', path: '/api/v1/asset/charges', once: true },
  payReservation: { method: 'POST', path: '/api/v1/payments', once: true },
  getPayment: { method: 'GET', path: '/api/v1/payments/{id}', once: false },
  createConcert: { method: 'POST', path: '/api/v1/admin/concerts', once: false },
  createSchedule: { method: 'POST', path: '/api/v1/admin/concerts/{id}/schedules', once: false },
  addSeats: { method: 'POST', path: '/api/v1/admin/schedules/{id}/seats', once: false },
  listQueues: { method: 'GET', path: '/api/v1/admin/queues', once: false },
  updateQueue: { method: 'PATCH', path: '/api/v1/admin/queues/{name}', once: false },
  getLiveness: { method: 'GET', path: '/livez', once: false },
  getReadiness: { method: 'GET', path: '/readyz', once: false },
  getMetrics: { method: 'GET', path: '/metrics', once: false },
  getOpenApi: { method: 'GET', path: '/openapi.json', once: false },
};
