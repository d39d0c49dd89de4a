import { signal } from '@preact/signals';
import { createApi } from '../api/client';
import type { WebConfig } from '../api/web-config';
import { readOperator, storeOperator } from '../state/operator';
import type { Session } from '../state/session';

/** Set before the first page is shown. */
export const webConfig = signal<WebConfig | undefined>(undefined);
export const session = signal<Session | undefined>(readOperator());
/** Whether the last call was answered. */
export const reachable = signal(true);

export const api = createApi({
  credentials: () => ({ accessToken: session.peek()?.accessToken }),
  heard: (answer) => {
    reachable.value = answer !== undefined;
  },
});

/** In dev mode anybody may be an administrator. */
export async function becomeAdministrator(): Promise<void> {
  const { accessToken, expiresAt } = await api.call('createSession', { body: { role: 'admin' } });
  signIn({ accessToken, expiresAt });
}

export async function goToProvider(): Promise<void> {
  const { startSignIn } = await import('../state/provider');
  await startSignIn(webConfig.value!);
}

function signIn(operator: Session): void {
  storeOperator(operator);
  session.value = operator;
}

export function signOut(): void {
  storeOperator(undefined);
  session.value = undefined;
}
