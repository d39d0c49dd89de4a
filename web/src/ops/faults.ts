import { language } from '../i18n/language';

/** What the server says of a fault, in Korean; `$1` is the first part in brackets. */
const KOREAN: [RegExp, string][] = [
  [/^is not a known field$/, '알 수 없는 속성입니다'],
  [/^(?:is missing|.*received undefined)$/, '빠졌습니다'],
  [/^is there twice$/, '두 번 있습니다'],
  [/^is not the name of a category of the plan$/, '배치도에 없는 등급입니다'],
  [/^is not a category of the plan(?: of this date)?$/, '배치도에 없는 등급입니다'],
  [/^is that of (\S+), too$/, '$1에 이미 있는 값입니다'],
  [/^seat (.+) is (\S+) already$/s, '좌석 $1: $2에 이미 있습니다'],
  [/^makes the seat "(.*)", which .*$/s, '좌석 이름 "$1": 한 줄, 40자까지만 쓸 수 있습니다'],
  [/^have no seat$/, '좌석이 하나도 없습니다'],
  [/^have (\d+) seats, and may have (\d+)$/, '좌석이 $1개입니다. $2개까지만 올릴 수 있습니다'],
  [/^must be later than reservationStartAt$/, '판매 시작보다 늦어야 합니다'],
  [/^must not be earlier than reservationEndAt$/, '판매 끝보다 이르면 안 됩니다'],
  [/^must have (\d+) to (\d+) characters$/, '$1자에서 $2자까지만 쓸 수 있습니다'],
  [/^must be a colour such as (\S+)$/, '$1 같은 색이어야 합니다'],
  [/^must be a positive integer$/, '1 이상의 정수여야 합니다'],
  [/^must be one line without control characters.*$/, '한 줄이어야 하고, 제어 문자와 앞뒤 공백은 쓸 수 없습니다'],
  [/^must be well-formed Unicode$/, '깨진 글자가 있습니다'],
  [/^must be an RFC 3339 date-time$/, '날짜와 시각이 아닙니다'],
  [/^must be from 1970 to 9999$/, '1970년부터 9999년까지만 쓸 수 있습니다'],
  [/^must be 1 to 63 lower-case letters.*$/, '영어 소문자, 숫자, 하이픈(-)으로 1자에서 63자까지만 쓸 수 있습니다'],
  [/^must name at least one (?:field|setting)$/, '바뀐 것이 없습니다'],
  [/^belongs to the other one of schedule and location$/, '날짜와 좌석은 함께 적어야 합니다'],
  [/^name a reservation, a user, or a date and a seat$/, '예매, 사용자, 또는 날짜와 좌석 가운데 하나를 적어 주세요'],
  [/^Invalid option: expected one of (.+)$/, '$1 가운데 하나여야 합니다'],
  [/^Too big: expected string to have <=(\d+) characters$/, '$1자까지만 쓸 수 있습니다'],
  [/^Too small: expected string to have >=(\d+) characters$/, '$1자 이상이어야 합니다'],
  [/^Too big: expected array to have <=(\d+) items$/, '$1개까지만 쓸 수 있습니다'],
  [/^Too small: expected array to have >=(\d+) items$/, '$1개 이상이어야 합니다'],
  [/^Too big: expected \w+ to be <=(-?\d+)$/, '$1 이하여야 합니다'],
  [/^Too small: expected \w+ to be >=(-?\d+)$/, '$1 이상이어야 합니다'],
  [/^Too small: expected \w+ to be >(-?\d+)$/, '$1보다 커야 합니다'],
  [/^Invalid input: expected (\w+).*$/, '형식이 다릅니다 ($1이어야 합니다)'],
  [/^Invalid input$/, '형식이 다릅니다'],
];

/** What is wrong, in the language of the page where that is known. */
export function faultText(detail: string): string {
  const known = language.value === 'ko' ? KOREAN.find(([pattern]) => pattern.test(detail)) : undefined;
  return known ? detail.replace(...known) : detail;
}
