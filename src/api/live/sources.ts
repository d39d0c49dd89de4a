import type { StreamEndView } from '../../contracts/common';
import type { QueueTokenView } from '../../contracts/queue';
import type { QueueToken } from '../../db/tokens';
import type { QueueSnapshot } from '../queue-snapshot';
import type { QueueTokens } from '../queue-token';
import { viewSettled, viewWaiting } from '../token-view';
import { pollAfterMs } from '../wait';
import { contentId, toFrame, type LiveEvent } from './events';
import type { SeatFeeds } from './seat-feeds';
import type { Source } from './streams';
import type { TokenWatch } from './token-watch';

interface Deps {
  queueTokens: QueueTokens;
  snapshot: QueueSnapshot;
  tokenWatch: TokenWatch;
}

/** The token whenever it has changed: a new state at once, a new place no more often than it would be asked for. */
export function tokenSource(deps: Deps, token: QueueToken): Source {
  return (push) => {
    const watched = deps.tokenWatch.watch(token, push);
    const nextPlace = createPlaces(deps, token);
    return {
      next: (hasId) => {
        const now = watched.now();
        if (now.status === 'WAITING') return nextPlace(hasId);
        const event = tokenEvent(viewSettled(deps, now));
        const news = event.id === hasId ? undefined : event;
        return now.status === 'ACTIVE' ? news : { frame: '', ...news, isLast: true };
      },
      stop: watched.stop,
    };
  };
}

/** Ten thousand places that change with every admission would otherwise be written anew four times a second. */
function createPlaces(deps: Deps, token: QueueToken): (hasId: string | undefined) => LiveEvent | undefined {
  const { queueId, ticketNo } = token;
  const { snapshot } = deps;
  let told: { position: number; seconds: number | null } | undefined;
  let notBeforeMs = 0;
  return (hasId) => {
    // Where it has moved, its row will say so; where the snapshot is too old, nothing is known.
    if (performance.now() < notBeforeMs || !snapshot.isFresh() || !snapshot.isWaiting(queueId, ticketNo))
      return undefined;
    const position = snapshot.position(queueId, ticketNo);
    const seconds = snapshot.estimateWaitSeconds(queueId, position);
    if (told?.position === position && told.seconds === seconds) return undefined;
    told = { position, seconds };
    notBeforeMs = performance.now() + pollAfterMs(position);
    const event = tokenEvent(viewWaiting(deps, token, position));
    return event.id === hasId ? undefined : event;
  };
}

function tokenEvent(view: QueueTokenView): LiveEvent & { id: string } {
  const content = JSON.stringify(view);
  const id = contentId(content);
  return { id, frame: toFrame('token', content, id) };
}

/** The seats of a date as long as the token is active; an end that names the reason once it is not. */
export function seatSource(
  { tokenWatch, seatFeeds }: { tokenWatch: TokenWatch; seatFeeds: SeatFeeds },
  scheduleId: number,
  token: QueueToken,
): Source {
  return (push) => {
    const watched = tokenWatch.watch(token, push);
    const seats = seatFeeds.watch(scheduleId, push);
    return {
      next: (hasId) => {
        const { status } = watched.now();
        return status === 'ACTIVE' ? seats.since(hasId) : endEvent(status);
      },
      stop: () => {
        watched.stop();
        seats.stop();
      },
    };
  };
}

function endEvent(status: QueueToken['status']): LiveEvent {
  const end: StreamEndView = { code: 'queue_token_ended', detail: `This queue token is ${status}; ask for a new one.` };
  return { frame: toFrame('end', JSON.stringify(end)), isLast: true };
}
