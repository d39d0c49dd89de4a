import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { money } from '../i18n/format';
import { chooseLanguage, language } from '../i18n/language';
import { t } from '../i18n/messages';
import { announce } from '../state/announce';
import { asset } from '../state/bookings';
import { reachable, signedIn, signOut } from '../state/session';
import { Announcer } from './announcer';
import { Link } from './link';
import { Strip } from './strip';

/** What is around every page. */
export function Layout({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#content">
        {t().skipToContent}
      </a>
      <header class="top">
        <div class="bar">
          <Link to="/" class="brand">
            {t().name}
          </Link>
          {signedIn.value && <Navigation />}
          <div class="tools">
            <LanguageSwitch />
            {signedIn.value && <SignOut />}
          </div>
        </div>
        {signedIn.value && <Strip />}
      </header>
      <Connection />
      <main id="content">{children}</main>
      <Announcer />
    </>
  );
}

function Navigation() {
  return (
    <nav aria-label={t().nav.label}>
      <Link to="/">{t().nav.concerts}</Link>
      <Link to="/reservations">{t().nav.bookings}</Link>
      <Link to="/balance">
        {t().nav.balance}
        {asset.value && <strong>{money(asset.value.balance, asset.value.currency)}</strong>}
      </Link>
    </nav>
  );
}

function SignOut() {
  return (
    <button type="button" class="quiet" onClick={signOut}>
      {t().nav.signOut}
    </button>
  );
}

function LanguageSwitch() {
  const other = language.value === 'ko' ? 'en' : 'ko';
  return (
    <button type="button" class="quiet language" lang={other} onClick={() => chooseLanguage(other)}>
      {t().language.other}
    </button>
  );
}

function Connection() {
  const lost = !reachable.value;
  const wasLost = useRef(false);
  useEffect(() => {
    if (lost) announce(t().connection.lost, { urgent: true });
    else if (wasLost.current) announce(t().connection.back);
    wasLost.current = lost;
  }, [lost]);
  return lost ? <p class="connection">{t().connection.lost}</p> : null;
}
