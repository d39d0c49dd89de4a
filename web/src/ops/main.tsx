import { render } from 'preact';
import { messagesIn } from '../i18n/language';

const messages = messagesIn({ ko: { title: '운영' }, en: { title: 'Operations' } });

render(<h1>{messages().title}</h1>, document.getElementById('app')!);
