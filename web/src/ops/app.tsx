import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { chooseLanguage, language } from '../i18n/language';
import { path } from '../state/router';
import { Announcer } from '../ui/announcer';
import { Link } from '../ui/link';
import { Bookings } from './bookings';
import { Concerts } from './concerts';
import { o } from './messages';
import { OverviewPage } from './overview-page';
import { watchOverview } from './overview';
import { reachable, session, signOut } from './session';
import { SignIn } from './sign-in';

const PAGES: Record<string, () => ComponentChildren> = {
  '/ops': () => <OverviewPage />,
  '/ops/bookings': () => <Bookings />,
  '/ops/concerts': () => <Concerts />,
};

export function App() {
  const operator = session.value;
  return (
    <>
      <a class="skip" href="#content">
        {o().skipToContent}
      </a>
      <header class="top">
        <div class="bar">
          <Link to="/ops" class="brand">
            {o().name}
          </Link>
          {operator && <Navigation />}
          <LanguageSwitch />
        </div>
      </header>
      {!reachable.value && <p class="connection">{o().connectionLost}</p>}
      <main id="content">{operator ? <SignedIn key={operator.accessToken} /> : <SignIn />}</main>
      <Announcer />
    </>
  );
}

function SignedIn() {
  useEffect(() => {
    const over = new AbortController();
    void watchOverview(over.signal);
    return () => over.abort();
  }, []);
  const page = PAGES[path.value.replace(/\/$/, '')];
  return page ? page() : <p>{o().notFound}</p>;
}

function Navigation() {
  return (
    <nav aria-label={o().menu}>
      <Link to="/ops">{o().nav.overview}</Link>
      <Link to="/ops/bookings">{o().nav.bookings}</Link>
      <Link to="/ops/concerts">{o().nav.concerts}</Link>
      <button type="button" class="quiet" onClick={signOut}>
        {o().signOut}
      </button>
    </nav>
  );
}

function LanguageSwitch() {
  const other = language.value === 'ko' ? 'en' : 'ko';
  return (
    <button type="button" class="quiet language" lang={other} onClick={() => chooseLanguage(other)}>
      {o().otherLanguage}
    </button>
  );
}
