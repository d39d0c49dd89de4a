import { signal } from '@preact/signals';

/** What a screen reader is to say next. `urgent` interrupts. */
export const announcement = signal<{ text: string; urgent: boolean }>({ text: '', urgent: false });

export function announce(text: string, { urgent = false } = {}): void {
  announcement.value = { text, urgent };
}
