import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { ApiFailure } from '../api/problem';
import { refreshPlace } from '../state/queue';

/** Something that a page shows, read when the page opens. */
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
        failure.value = error;
        // The token has ended, or is not what this page took it for: the gate in front of the page shows what is.
        if (error.code.startsWith('queue_token')) void refreshPlace();
      },
    );
    return () => over.abort();
  });
  const again = () => {
    asked.value += 1;
  };
  return { value, failure, again };
}
