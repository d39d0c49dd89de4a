import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { announce } from '../state/announce';
import { useAction } from '../ui/action';
import { Failure } from './failure';
import { o } from './messages';

interface FormProps {
  /** Sends what is in the fields. */
  send: () => Promise<void>;
  submit: string;
  /** Said once it is done; "saved" unless given. */
  done?: string;
  disabled?: boolean;
  children: ComponentChildren;
}

/** Fields and a button that sends them; what was refused is said below. */
export function Form({ send, submit, done, disabled = false, children }: FormProps) {
  const finished = useSignal(false);
  const action = useAction(async () => {
    finished.value = false;
    await send();
    finished.value = true;
    announce(done ?? o().saved);
  });
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        action.run();
      }}
    >
      {children}
      <button type="submit" class="primary" disabled={disabled || action.busy.value}>
        {submit}
      </button>
      {finished.value && <p class="done">{done ?? o().saved}</p>}
      <Failure failure={action.failure.value} />
    </form>
  );
}

interface FieldProps {
  label: string;
  value: Signal<string>;
  type?: 'text' | 'datetime-local';
  required?: boolean;
}

export function Field({ label, value, type = 'text', required = true }: FieldProps) {
  const given = {
    required,
    value: value.value,
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => (value.value = currentTarget.value),
  };
  return (
    <label>
      {label}
      {type === 'text' ? <input type="text" {...given} /> : <input type="datetime-local" {...given} />}
    </label>
  );
}

/** A moment as a field for it wants it, in the time zone of the browser. */
export function toLocal(time: string): string {
  const at = new Date(time);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

export function fromLocal(text: string): string {
  return new Date(text).toISOString();
}

export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
