import { effect, signal } from '@preact/signals';

export type Language = 'ko' | 'en';

const STORED = 'frontrow.language';

/** The language of the page: what was chosen here before, else Korean where the browser prefers it, else English. */
export const language = signal<Language>(initial());

function initial(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === 'ko' || stored === 'en') return stored;
  return navigator.languages.some((one) => one.toLowerCase().startsWith('ko')) ? 'ko' : 'en';
}

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(STORED, chosen);
}

effect(() => {
  document.documentElement.lang = language.value;
});

/** Gives the messages of the current language; a component that calls it shows the other one when that changes. */
export function messagesIn<Messages>(all: Record<Language, Messages>): () => Messages {
  return () => all[language.value];
}
