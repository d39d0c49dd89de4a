import { computed, effect, signal } from '@preact/signals';
import { createApi } from '../api/client';
import type { WebConfig } from '../api/web-config';
import { noteServerTime } from './clock';

/** Somebody who is signed in. */
export interface Session {
  accessToken: string;
  expiresAt: string;
}

const SESSION_STORED = 'frontrow.session';
const TOKEN_STORED = 'frontrow.queue-token';
/** Not about who is signed in. */
const KEPT: ReadonlySet<string> = new Set([TOKEN_STORED, 'frontrow.language']);

/** Set before the first page is shown. */
export const webConfig = signal<WebConfig | undefined>(undefined);
export const session = signal<Session | undefined>(readStored(SESSION_STORED));
/** The queue token's text: kept over reloads and closed tabs, so that nobody loses a place. */
export const queueTokenText = signal<string | undefined>(readStored(TOKEN_STORED));
/** Whether the last call was answered. */
export const reachable = signal(true);
export const signedIn = computed(() => session.value !== undefined);

/** Peeked at: whoever follows something must not begin anew whenever these change. */
export const credentials = () => ({ accessToken: session.peek()?.accessToken, queueToken: queueTokenText.peek() });

export const api = createApi({
  credentials,
  heard: (answer) => {
    reachable.value = answer !== undefined;
    if (answer) noteServerTime(answer);
  },
});

/** Forgets everything about whoever was signed in. */
export function signOut(): void {
  queueTokenText.value = undefined;
  endSession();
}

/** The session is over, the place in the queue is not: whoever signs in again has it still. */
export function endSession(): void {
  session.value = undefined;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith('frontrow.') && !KEPT.has(key)) localStorage.removeItem(key);
  }
}

effect(() => store(SESSION_STORED, session.value));
effect(() => store(TOKEN_STORED, queueTokenText.value));

// A stream in silence does not show that its connection is gone.
window.addEventListener('offline', () => (reachable.value = false));
window.addEventListener('online', () => void api.call('getLiveness', {}).catch(() => {})); // `heard` says how it went

// Another tab signed in or out, or joined the queue.
window.addEventListener('storage', ({ key }) => {
  if (key === SESSION_STORED || key === null) session.value = readStored(SESSION_STORED);
  if (key === TOKEN_STORED || key === null) queueTokenText.value = readStored(TOKEN_STORED);
});

function readStored<T>(key: string): T | undefined {
  const stored = localStorage.getItem(key);
  return stored ? (JSON.parse(stored) as T) : undefined;
}

function store(key: string, value: unknown): void {
  const text = value === undefined ? null : JSON.stringify(value);
  if (text === localStorage.getItem(key)) return;
  if (text === null) localStorage.removeItem(key);
  else localStorage.setItem(key, text);
}
