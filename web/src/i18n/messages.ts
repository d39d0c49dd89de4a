import { en } from './en';
import { ko } from './ko';
import { messagesIn } from './language';

/** The messages of the fans' pages in the current language. */
export const t = messagesIn({ ko, en });
