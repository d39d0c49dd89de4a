import { signal } from '@preact/signals';

/** The path of the page that is shown. */
export const path = signal(location.pathname);

window.addEventListener('popstate', () => {
  path.value = location.pathname;
});

/** Shows another page of ours without loading anything. */
export function navigate(to: string, { replace = false } = {}): void {
  if (to === location.pathname) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  path.value = location.pathname;
  window.scrollTo(0, 0);
}

/** The numbers in `current` where `pattern` has `{}`; `undefined` where it is another page. */
export function match(pattern: string, current: string): number[] | undefined {
  const found = new RegExp(`^${pattern.replaceAll('{}', String.raw`([1-9]\d{0,15})`)}/?$`).exec(current);
  return found?.slice(1).map(Number);
}
