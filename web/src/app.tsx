import type { ComponentChildren } from 'preact';
import { Balance } from './pages/balance';
import { Booking } from './pages/booking';
import { Bookings } from './pages/bookings';
import { Concerts } from './pages/concerts';
import { Dates } from './pages/dates';
import { Inside, SignedIn } from './pages/gate';
import { NotFound } from './pages/not-found';
import { Seats } from './pages/seats';
import { SignedInByProvider } from './pages/signed-in';
import { match, path } from './state/router';
import { Layout } from './ui/layout';

type Page = (...ids: number[]) => ComponentChildren;

/** A page for whoever is inside the queue. */
const inside = (page: ComponentChildren) => <Inside>{page}</Inside>;
const signedIn = (page: ComponentChildren) => <SignedIn>{page}</SignedIn>;

/** The pages by their addresses; `{}` is an id. The server knows the same ones. */
const PAGES: [string, Page][] = [
  ['/', () => inside(<Concerts />)],
  ['/concerts/{}', (id) => inside(<Dates key={id} concertId={id!} />)],
  ['/concerts/{}/schedules/{}', (concert, id) => inside(<Seats key={id} concertId={concert!} scheduleId={id!} />)],
  ['/reservations', () => signedIn(<Bookings />)],
  ['/reservations/{}', (id) => signedIn(<Booking key={id} id={id!} />)],
  ['/balance', () => signedIn(<Balance />)],
  ['/signed-in', () => <SignedInByProvider />],
];

export function App() {
  return <Layout>{pageAt(path.value)}</Layout>;
}

function pageAt(current: string): ComponentChildren {
  for (const [pattern, page] of PAGES) {
    const ids = match(pattern, current);
    if (ids) return page(...ids);
  }
  return <NotFound />;
}
