import { useSignal } from '@preact/signals';
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
        if (!disabled) action.run();
      }}
    >
      {children}
      <button type="submit" class="primary" aria-disabled={disabled || action.busy.value}>
        {submit}
      </button>
      {finished.value && <p class="done">{done ?? o().saved}</p>}
      <Failure failure={action.failure.value} />
    </form>
  );
}

/** Texts as they are known, and what is typed over them. */
export interface Draft<Name extends string> {
  shown: Record<Name, string>;
  /** Only these are sent: others may have changed the rest meanwhile, and a field may show less than there is. */
  changed: Partial<Record<Name, string>>;
  isChanged: boolean;
  /** What its field needs. */
  field(name: Name): Pick<FieldProps, 'value' | 'onInput'>;
  clear(): void;
}

/** What is typed stays until it is sent; before, the fields follow what others change. */
export function useDraft<Name extends string>(known: Record<Name, string>): Draft<Name> {
  const typed = useSignal<Partial<Record<Name, string>>>({});
  const shown = { ...known, ...typed.value };
  const changed: Partial<Record<Name, string>> = { ...typed.value };
  for (const name of Object.keys(changed) as Name[]) if (changed[name] === known[name]) delete changed[name];
  return {
    shown,
    changed,
    isChanged: Object.keys(changed).length > 0,
    field: (name) => ({
      value: shown[name],
      onInput: (text) => (typed.value = { ...typed.value, [name]: text }),
    }),
    clear: () => (typed.value = {}),
  };
}

interface FieldProps {
  label: string;
  value: string;
  onInput: (text: string) => void;
  type?: 'text' | 'datetime-local';
  required?: boolean;
}

export function Field({ label, value, onInput, type = 'text', required = true }: FieldProps) {
  const given = {
    required,
    value,
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => onInput(currentTarget.value),
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
