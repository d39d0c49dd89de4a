import type { FailureCode } from '../api/problem';
import { messagesIn } from './language';

/** Of calls that only operators make. */
type OperatorCode = 'schedule_has_seats';

/** A sentence for every way in which a call of the fans' pages can fail: what happened, and what to do about it. */
type FailureTexts = Record<Exclude<FailureCode, OperatorCode>, string>;

const ko: FailureTexts = {
  no_reply: '서버에 연결되지 않습니다. 같은 요청을 다시 보내도 두 번 처리되지 않습니다.',
  validation_failed: '입력한 내용이 올바르지 않습니다. 고쳐서 다시 시도해 주세요.',
  idempotency_key_required: '요청이 올바르게 만들어지지 않았습니다. 페이지를 새로 고쳐 주세요.',
  unauthenticated: '로그인이 만료되었습니다. 다시 로그인해 주세요.',
  queue_token_required: '먼저 줄을 서 주세요.',
  queue_token_unknown: '대기 순서를 찾을 수 없습니다. 다시 줄을 서 주세요.',
  insufficient_balance: '잔액이 부족합니다. 충전하고 다시 결제해 주세요. 좌석은 그대로 확보되어 있습니다.',
  forbidden: '이 계정으로는 할 수 없습니다.',
  queue_token_waiting: '아직 차례가 아닙니다. 차례가 되면 자동으로 입장합니다.',
  queue_token_ended: '입장 시간이 끝났습니다. 다시 줄을 서 주세요.',
  queue_token_of_another_user: '다른 사용자의 대기 순서입니다. 다시 줄을 서 주세요.',
  queue_token_of_another_queue: '이 공연은 다른 줄에서 예매합니다. 공연 목록에서 골라 주세요.',
  not_found: '찾을 수 없습니다. 이미 없어졌거나 주소가 잘못되었습니다.',
  method_not_allowed: '요청이 올바르게 만들어지지 않았습니다. 페이지를 새로 고쳐 주세요.',
  seat_taken: '방금 다른 분이 가져간 좌석이 있습니다. 다른 좌석을 골라 주세요.',
  seat_contended: '다른 분이 지금 같은 좌석을 고르고 있습니다. 다른 좌석을 고르거나 다시 시도해 주세요.',
  sales_not_open: '이 날짜는 지금 예매 기간이 아닙니다. 다른 날짜를 골라 주세요.',
  reservation_not_payable: '이 예매는 결제할 수 없는 상태입니다. 내 예매에서 확인해 주세요.',
  reservation_not_cancellable: '이미 결제한 예매라 반납할 수 없습니다.',
  ticket_limit_exceeded: '한 사람이 이 날짜에 가질 수 있는 매수를 넘습니다. 좌석 수를 줄여 주세요.',
  idempotency_in_flight: '앞선 요청을 아직 처리하고 있습니다. 잠시 뒤 다시 확인해 주세요.',
  hold_expired: '결제 시간이 지나 결제되지 않았습니다. 돈은 빠져나가지 않았습니다.',
  payload_too_large: '보낸 내용이 너무 큽니다.',
  unsupported_media_type: '요청이 올바르게 만들어지지 않았습니다. 페이지를 새로 고쳐 주세요.',
  idempotency_key_reused: '요청이 섞였습니다. 페이지를 새로 고치고 다시 시도해 주세요.',
  rate_limited: '요청이 너무 많습니다. 잠시 쉬었다가 다시 시도해 주세요.',
  internal: '서버에 문제가 생겼습니다. 다시 시도해도 두 번 처리되지 않습니다.',
  unavailable: '지금 매우 붐빕니다. 잠시 뒤 다시 시도해 주세요. 두 번 처리되지 않습니다.',
};

const en: FailureTexts = {
  no_reply: 'The server cannot be reached. Sending the same request again never does it twice.',
  validation_failed: 'Something in the input is not right. Correct it and try again.',
  idempotency_key_required: 'The request was not made correctly. Reload the page.',
  unauthenticated: 'Your session has ended. Sign in again.',
  queue_token_required: 'Join the queue first.',
  queue_token_unknown: 'Your place in the queue cannot be found. Join again.',
  insufficient_balance: 'Your balance is too low. Add to it and pay again; your seats stay held.',
  forbidden: 'This account may not do that.',
  queue_token_waiting: 'It is not your turn yet. You get in by yourself when it is.',
  queue_token_ended: 'Your time inside is over. Join the queue again.',
  queue_token_of_another_user: "This is somebody else's place in the queue. Join again.",
  queue_token_of_another_queue: 'This concert is sold through another queue. Choose one from the list of concerts.',
  not_found: 'It cannot be found: it is gone, or the address is wrong.',
  method_not_allowed: 'The request was not made correctly. Reload the page.',
  seat_taken: 'Somebody else was faster. Choose another seat.',
  seat_contended: 'Somebody else is taking one of these seats right now. Choose others, or try again.',
  sales_not_open: 'This date is not on sale now. Choose another date.',
  reservation_not_payable: 'This booking cannot be paid as it is. See My bookings.',
  reservation_not_cancellable: 'This booking is paid and cannot be given back.',
  ticket_limit_exceeded: 'That is more than one person may have for this date. Choose fewer seats.',
  idempotency_in_flight: 'Your earlier request is still being worked on. Look again in a moment.',
  hold_expired: 'The time to pay is over, and nothing was paid. No money was taken.',
  payload_too_large: 'What was sent is too large.',
  unsupported_media_type: 'The request was not made correctly. Reload the page.',
  idempotency_key_reused: 'Two requests got mixed up. Reload the page and try again.',
  rate_limited: 'Too many requests. Rest for a moment, then try again.',
  internal: 'Something went wrong on the server. Trying again never does it twice.',
  unavailable: 'It is very busy right now. Try again in a moment; it is never done twice.',
};

const texts = messagesIn({ ko, en });

/** A newer server may have codes that this page does not know. */
export const failureText = (code: string): string =>
  code in texts() ? texts()[code as keyof FailureTexts] : texts().internal;
