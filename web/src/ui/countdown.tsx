import { useEffect, useRef } from 'preact/hooks';
import { countdown } from '../i18n/format';
import { announce } from '../state/announce';
import { secondsUntil } from '../state/clock';

/** What is said aloud while time runs out, in seconds left. */
const MILESTONES = [120, 60, 30, 10];
const URGENT_SECONDS = 60;

interface Props {
  /** By the page's stopwatch. */
  endsAtMs: number;
  /** Said at the milestones, if given. */
  say?: (time: string) => string;
}

/** Time left, second by second; silent for screen readers but for its milestones. */
export function Countdown({ endsAtMs, say }: Props) {
  const seconds = secondsUntil(endsAtMs);
  const before = useRef(seconds);
  useEffect(() => {
    const passed = MILESTONES.find((milestone) => before.current > milestone && seconds <= milestone);
    before.current = seconds;
    if (passed !== undefined && say && seconds > 0) announce(say(countdown(seconds)), { urgent: seconds <= 30 });
  }, [seconds]);
  return (
    <span class={seconds <= URGENT_SECONDS ? 'countdown urgent' : 'countdown'} role="timer" aria-live="off">
      {countdown(seconds)}
    </span>
  );
}
