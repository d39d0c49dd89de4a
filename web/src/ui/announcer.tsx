import { announcement } from '../state/announce';

/** Where screen readers hear of what changes by itself. */
export function Announcer() {
  const { text, urgent } = announcement.value;
  return (
    <div class="visually-hidden">
      <div aria-live="polite">{urgent ? '' : text}</div>
      <div aria-live="assertive">{urgent ? text : ''}</div>
    </div>
  );
}
