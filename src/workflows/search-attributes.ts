import { defineSearchAttributeKey } from '@temporalio/common';

/** What an operator can search bookings by. Registered with the namespace by `cli/temporal-setup`. */
export const QUEUE_NAME = defineSearchAttributeKey('QueueName', 'KEYWORD');
export const USER_ID = defineSearchAttributeKey('UserId', 'INT');
export const SCHEDULE_ID = defineSearchAttributeKey('ScheduleId', 'INT');
export const RESERVATION_STATUS = defineSearchAttributeKey('ReservationStatus', 'KEYWORD');
export const PAYMENT_OUTCOME = defineSearchAttributeKey('PaymentOutcome', 'KEYWORD');

export const SEARCH_ATTRIBUTES = [QUEUE_NAME, USER_ID, SCHEDULE_ID, RESERVATION_STATUS, PAYMENT_OUTCOME] as const;
