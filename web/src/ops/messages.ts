import { messagesIn } from '../i18n/language';
import { en } from './en';
import { ko } from './ko';

/** The messages of the operators' pages in the current language. */
export const o = messagesIn({ ko, en });
