import { number } from '../i18n/format';
import { t } from '../i18n/messages';

/** The server gives its best guess. Fans use their time inside differently, so it is said as what is likely around it. */
const LOW = 0.7;
const HIGH = 1.6;

const MINUTE = 60;
const HOUR = 3_600;
/** Below this nobody wants to know more exactly. */
const SOON_SECONDS = 10;

/** A range of time in words, such as `3–7 minutes`: never narrower than what is known. */
export function waitRange(seconds: number): string {
  const [low, high] = [seconds * LOW, Math.max(seconds * HIGH, 1)];
  const texts = t().queue;
  if (high <= SOON_SECONDS) return texts.underSeconds(number(SOON_SECONDS));
  if (high < 2 * MINUTE) {
    const [from, to] = [Math.floor(low / 10) * 10, Math.ceil(high / 10) * 10];
    return from === 0 ? texts.underSeconds(number(to)) : texts.rangeSeconds(number(from), number(to));
  }
  if (low < HOUR) return texts.rangeMinutes(number(Math.floor(low / MINUTE)), number(Math.ceil(high / MINUTE)));
  return texts.rangeHours(number(Math.floor(low / HOUR)), number(Math.ceil(high / HOUR)));
}
