import { useSignal, type Signal } from '@preact/signals';
import { ApiFailure } from '../api/problem';

/** Something a button does: whether it is being done, and why it failed. */
export interface Action {
  busy: Signal<boolean>;
  failure: Signal<ApiFailure | undefined>;
  run(): void;
}

/** Runs `work` once at a time; a refusal is kept to be shown, anything else is a fault of ours. */
export function useAction(work: () => Promise<void>): Action {
  const busy = useSignal(false);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const run = () => {
    if (busy.value) return;
    busy.value = true;
    failure.value = undefined;
    void work()
      .catch((error: unknown) => {
        if (!(error instanceof ApiFailure)) throw error;
        failure.value = error;
      })
      .finally(() => {
        busy.value = false;
      });
  };
  return { busy, failure, run };
}
