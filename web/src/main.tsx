import { render } from 'preact';
import { messagesIn } from './i18n/language';

const messages = messagesIn({ ko: { title: '콘서트 예매' }, en: { title: 'Concert tickets' } });

render(<h1>{messages().title}</h1>, document.getElementById('app')!);
