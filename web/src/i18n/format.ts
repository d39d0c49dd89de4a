import { language } from './language';

const locale = (): string => (language.value === 'ko' ? 'ko-KR' : 'en-GB');

/** An amount in the minor unit of its currency. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(locale(), { style: 'currency', currency, currencyDisplay: 'narrowSymbol' });
  const { maximumFractionDigits = 0 } = format.resolvedOptions();
  return format.format(amount / 10 ** maximumFractionDigits);
}

export function number(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** A day and a time, such as of a concert. */
export function dateTime(time: string): string {
  return new Intl.DateTimeFormat(locale(), {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(time));
}

/** A moment of today or of the last days, to the second. */
export function moment(time: string): string {
  return new Intl.DateTimeFormat(locale(), {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(time));
}

/** Minutes and seconds of a countdown: `4:59`; hours in front where there are any. */
export function countdown(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
