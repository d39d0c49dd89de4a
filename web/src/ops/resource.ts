import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { ApiFailure } from '../api/problem';
import { signOut } from './session';

/** Something that a page shows, read when the page opens, and again when it is asked for. */
export interface Resource<T> {
  value: Signal<T | undefined>;
  failure: Signal<ApiFailure | undefined>;
  again(): void;
}

/** Reads at once, and anew whenever a signal that `read` looks at changes before it first waits. */
export function useResource<T>(read: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const value = useSignal<T | undefined>(undefined);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const asked = useSignal(0);
  useSignalEffect(() => {
    void asked.value;
    const over = new AbortController();
    failure.value = undefined;
    read(over.signal).then(
      (result) => {
        if (!over.signal.aborted) value.value = result;
      },
      (error: unknown) => {
        if (over.signal.aborted) return;
        if (!(error instanceof ApiFailure)) throw error;
        if (error.code === 'unauthenticated') signOut();
        failure.value = error;
      },
    );
    return () => over.abort();
  });
  const again = () => {
    asked.value += 1;
  };
  return { value, failure, again };
}
