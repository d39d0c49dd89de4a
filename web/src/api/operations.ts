// Made from the document of the API by `npm run client-types`.
export type FieldFault = { "pointer": string; "detail": string };
export type Problem = { "type": string; "title": string; "status": number; "detail": string; "code": "validation_failed" | "idempotency_key_required" | "unauthenticated" | "queue_token_required" | "queue_token_unknown" | "insufficient_balance" | "forbidden" | "queue_token_waiting" | "queue_token_ended" | "queue_token_of_another_user" | "queue_token_of_another_queue" | "not_found" | "method_not_allowed" | "seat_taken" | "seat_contended" | "schedule_has_seats" | "sales_not_open" | "reservation_not_payable" | "reservation_not_cancellable" | "ticket_limit_exceeded" | "idempotency_in_flight" | "hold_expired" | "payload_too_large" | "unsupported_media_type" | "idempotency_key_reused" | "rate_limited" | "internal" | "unavailable"; "retryable": boolean; "traceId": string; "errors"?: Array<FieldFault>; [more: string]: unknown };
export type StreamEnd = { "code": "validation_failed" | "idempotency_key_required" | "unauthenticated" | "queue_token_required" | "queue_token_unknown" | "insufficient_balance" | "forbidden" | "queue_token_waiting" | "queue_token_ended" | "queue_token_of_another_user" | "queue_token_of_another_queue" | "not_found" | "method_not_allowed" | "seat_taken" | "seat_contended" | "schedule_has_seats" | "sales_not_open" | "reservation_not_payable" | "reservation_not_cancellable" | "ticket_limit_exceeded" | "idempotency_in_flight" | "hold_expired" | "payload_too_large" | "unsupported_media_type" | "idempotency_key_reused" | "rate_limited" | "internal" | "unavailable"; "detail": string; [more: string]: unknown };
export type Concert = { "id": number; "name": string; "description": string };
export type ConcertPage = { "items": Array<Concert>; "nextCursor": string | null };
export type Schedule = { "id": number; "concertId": number; "place": string; "reservationStartAt": string; "reservationEndAt": string; "concertAt": string; "availableSeats": number };
export type ScheduleList = { "items": Array<Schedule> };
export type Seat = { "id": number; "location": string; "price": number; "available": boolean };
export type SeatMap = { "scheduleId": number; "asOf": string; "availableSeats": number; "seats": Array<Seat> };
export type SeatChanges = { "asOf": string; "availableSeats": number; "seats": Array<{ "id": number; "available": boolean }> };
export type PlanPosition = { "x": number; "y": number };
export type PlanCategory = { "name": string; "color"?: string };
export type PlanSeat = { "seat_guid": string; "seat_number": string; "position": PlanPosition; "category": string; "radius"?: number; "start_direction"?: "<" | ">" | "<>" | null; "uuid"?: string };
export type PlanRow = { "row_number": string; "row_label"?: string | null; "seat_label"?: string | null; "row_number_position"?: "start" | "end" | "both" | null; "position"?: PlanPosition; "seats": Array<PlanSeat>; "uuid"?: string };
export type PlanArea = { "shape"?: "polygon" | "rectangle" | "ellipse" | "circle" | "text"; "polygon"?: { "points": Array<PlanPosition> }; "rectangle"?: { "width": number; "height": number }; "ellipse"?: { "radius": PlanPosition }; "circle"?: { "radius": number }; "text"?: { "text": string; "position": PlanPosition; "color"?: string; "size"?: number }; "color"?: string; "border_color"?: string; "rotation"?: number; "position"?: PlanPosition; "uuid"?: string };
export type PlanZone = { "name"?: string; "zone_id"?: string; "position": PlanPosition; "rows": Array<PlanRow>; "areas"?: Array<PlanArea>; "uuid"?: string };
export type SeatingPlan = { "name": string; "categories": Array<PlanCategory>; "zones": Array<PlanZone>; "size": { "width": number; "height": number } };
export type PlanInput = { "name": string; "categories": Array<PlanCategory>; "zones": Array<{ "name"?: string; "zone_id"?: string; "position": PlanPosition; "rows": Array<{ "row_number": string; "row_label"?: string | null; "seat_label"?: string | null; "row_number_position"?: "start" | "end" | "both" | null; "position"?: PlanPosition; "seats": Array<PlanSeat>; "uuid"?: string; "number_of_seats"?: number; "seats_spacing"?: number }>; "areas"?: Array<{ "shape"?: "polygon" | "rectangle" | "ellipse" | "circle" | "text"; "polygon"?: { "points": Array<PlanPosition> }; "rectangle"?: { "width": number; "height": number }; "ellipse"?: { "radius": PlanPosition }; "circle"?: { "radius": number }; "text"?: string | { "text": string; "position": PlanPosition; "color"?: string; "size"?: number }; "color"?: string; "border_color"?: string; "rotation"?: number; "position"?: PlanPosition; "uuid"?: string; "width"?: number; "height"?: number }>; "uuid"?: string; "displayed"?: boolean }>; "size"?: { "width": number; "height": number } };
export type ImportPlanRequest = { "plan": PlanInput; "prices": Record<string, number> };
export type PlanExport = { "plan": SeatingPlan; "prices": Record<string, number> };
export type Plan = { "plan": SeatingPlan; "seats": Record<string, number> };
export type IssueTokenRequest = { "queue"?: string };
export type QueueToken = { "token": string; "queue": string; "status": "WAITING" | "ACTIVE" | "USED" | "EXPIRED" | "LEFT"; "position": number; "ahead": number; "estimatedWaitSeconds": number | null; "pollAfterMs": number; "issuedAt": string; "activatedAt": string | null; "expiresAt": string | null };
export type QueueSale = { "items": Array<{ "concertId": number; "name": string; "availableSeats": number }> };
export type QueueSettingsPatch = { "maxActive"?: number; "activeSeconds"?: number; "admitPerMinute"?: number | null; "paused"?: boolean };
export type QueueSettings = { "name": string; "maxActive": number; "activeSeconds": number; "admitPerMinute": number | null; "paused": boolean; "waiting": number; "active": number };
export type QueueList = { "items": Array<QueueSettings> };
export type CreateConcertRequest = { "name": string; "description": string; "queue"?: string };
export type CreateScheduleRequest = { "place": string; "reservationStartAt": string; "reservationEndAt": string; "concertAt": string };
export type ConcertPatch = { "name"?: string; "description"?: string };
export type SchedulePatch = { "place"?: string; "reservationStartAt"?: string; "reservationEndAt"?: string; "concertAt"?: string; "prices"?: Record<string, number> };
export type AdminConcert = { "id": number; "name": string; "description": string; "queue": string };
export type AdminConcertPage = { "items": Array<AdminConcert>; "nextCursor": string | null };
export type AdminSchedule = { "id": number; "concertId": number; "place": string; "reservationStartAt": string; "reservationEndAt": string; "concertAt": string; "availableSeats": number; "seats": number; "prices": Record<string, number> | null };
export type AdminScheduleList = { "items": Array<AdminSchedule> };
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
export type QueueTraffic = { "name": string; "maxActive": number; "activeSeconds": number; "admitPerMinute": number | null; "paused": boolean; "waiting": number; "active": number; "admittedPerMinute": number; "departedPerMinute": number; "finishedPerMinute": number; "oldestWaitSeconds": number | null; "drainSeconds": number | null };
export type Sale = { "scheduleId": number; "concertId": number; "concert": string; "place": string; "concertAt": string; "reservationStartAt": string; "reservationEndAt": string; "free": number; "held": number; "sold": number; "revenue": number };
export type Workflows = { "state": "up" | "down"; "namespace": string; "uiUrl": string | null; "open": { "queueToken": number; "reservation": number; "payment": number; "sweep": number } | null; "failed": number | null; "notStarted": { "tokens": number; "reservations": number } };
export type InvariantResult = { "name": string; "never": string; "violations": number };
export type Sweep = { "checkedAt": string | null; "silent": boolean; "invariants": Array<InvariantResult> };
export type Overview = { "asOf": string; "currency": string; "queues": Array<QueueTraffic>; "sales": Array<Sale>; "workflows": Workflows; "sweep": Sweep };
export type SalesBucket = { "from": string; "sold": number; "revenue": number; "held": number; "free": number };
export type SalesHistory = { "bucketSeconds": number; "seats": number; "items": Array<SalesBucket> };
export type BookingMovement = { "entryId": number; "kind": "CHARGE" | "PAYMENT" | "REFUND"; "amount": number; "at": string };
export type Booking = { "userId": number; "queueTokenId": number; "reservation": Reservation; "timeline": ReservationTimeline; "money": Array<BookingMovement> };
export type BookingList = { "items": Array<Booking> };
export type ErrorCode = Problem['code'];
export interface Operations {
  createSession: { takes: { body?: SessionRequest }; gives: Session };
  issueQueueToken: { takes: { body?: IssueTokenRequest }; gives: QueueToken };
  getQueueToken: { takes: {  }; gives: QueueToken };
  leaveQueue: { takes: {  }; gives: undefined };
  followQueueToken: { takes: {  }; gives: undefined };
  getQueueSale: { takes: {  }; gives: QueueSale };
  listConcerts: { takes: { query?: { limit?: number; cursor?: string } }; gives: ConcertPage };
  getConcert: { takes: { id: number }; gives: Concert };
  listSchedules: { takes: { id: number }; gives: ScheduleList };
  listSeats: { takes: { id: number; query?: { available?: boolean } }; gives: SeatMap };
  followSeats: { takes: { id: number }; gives: undefined };
  getPlan: { takes: { id: number }; gives: Plan };
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
  listAllConcerts: { takes: { query?: { limit?: number; cursor?: string } }; gives: AdminConcertPage };
  createConcert: { takes: { body: CreateConcertRequest }; gives: Concert };
  updateConcert: { takes: { id: number; body: ConcertPatch }; gives: AdminConcert };
  listAllSchedules: { takes: { id: number }; gives: AdminScheduleList };
  createSchedule: { takes: { id: number; body: CreateScheduleRequest }; gives: Schedule };
  updateSchedule: { takes: { id: number; body: SchedulePatch }; gives: AdminSchedule };
  addSeats: { takes: { id: number; body: AddSeatsRequest }; gives: SeatsAdded };
  listQueues: { takes: {  }; gives: QueueList };
  updateQueue: { takes: { name: string; body: QueueSettingsPatch }; gives: QueueSettings };
  importPlan: { takes: { id: number; body: ImportPlanRequest }; gives: SeatsAdded };
  exportPlan: { takes: { id: number }; gives: PlanExport };
  getOverview: { takes: {  }; gives: Overview };
  getSales: { takes: { id: number; query?: { bucketSeconds?: "10" | "60" | "3600" | "86400" } }; gives: SalesHistory };
  findBookings: { takes: { query?: { reservation?: string; user?: string; schedule?: string; location?: string } }; gives: BookingList };
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
  followQueueToken: { method: 'GET', path: '/api/v1/queue/token/events', once: false },
  getQueueSale: { method: 'GET', path: '/api/v1/queue/token/sale', once: false },
  listConcerts: { method: 'GET', path: '/api/v1/concerts', once: false },
  getConcert: { method: 'GET', path: '/api/v1/concerts/{id}', once: false },
  listSchedules: { method: 'GET', path: '/api/v1/concerts/{id}/schedules', once: false },
  listSeats: { method: 'GET', path: '/api/v1/schedules/{id}/seats', once: false },
  followSeats: { method: 'GET', path: '/api/v1/schedules/{id}/seats/events', once: false },
  getPlan: { method: 'GET', path: '/api/v1/schedules/{id}/plan', once: false },
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
  listAllConcerts: { method: 'GET', path: '/api/v1/admin/concerts', once: false },
  createConcert: { method: 'POST', path: '/api/v1/admin/concerts', once: false },
  updateConcert: { method: 'PATCH', path: '/api/v1/admin/concerts/{id}', once: false },
  listAllSchedules: { method: 'GET', path: '/api/v1/admin/concerts/{id}/schedules', once: false },
  createSchedule: { method: 'POST', path: '/api/v1/admin/concerts/{id}/schedules', once: false },
  updateSchedule: { method: 'PATCH', path: '/api/v1/admin/schedules/{id}', once: false },
  addSeats: { method: 'POST', path: '/api/v1/admin/schedules/{id}/seats', once: false },
  listQueues: { method: 'GET', path: '/api/v1/admin/queues', once: false },
  updateQueue: { method: 'PATCH', path: '/api/v1/admin/queues/{name}', once: false },
  importPlan: { method: 'POST', path: '/api/v1/admin/schedules/{id}/plan', once: false },
  exportPlan: { method: 'GET', path: '/api/v1/admin/schedules/{id}/plan', once: false },
  getOverview: { method: 'GET', path: '/api/v1/admin/overview', once: false },
  getSales: { method: 'GET', path: '/api/v1/admin/schedules/{id}/sales', once: false },
  findBookings: { method: 'GET', path: '/api/v1/admin/bookings', once: false },
  getLiveness: { method: 'GET', path: '/livez', once: false },
  getReadiness: { method: 'GET', path: '/readyz', once: false },
  getMetrics: { method: 'GET', path: '/metrics', once: false },
  getOpenApi: { method: 'GET', path: '/openapi.json', once: false },
};
