import type { ComponentChildren } from 'preact';
import { t } from '../i18n/messages';
import { joinQueue, placeFailure, queueToken, refreshPlace, stage } from '../state/queue';
import { session } from '../state/session';
import { useAction } from '../ui/action';
import { Failure } from '../ui/failure';
import { Loading } from '../ui/loading';
import { Title } from '../ui/title';
import { SignIn } from './sign-in';
import { WaitingRoom } from './waiting-room';

/** Shows its page to whoever is signed in, and otherwise the way to be. */
export function SignedIn({ children }: { children: ComponentChildren }) {
  return session.value ? <>{children}</> : <SignIn />;
}

/** Shows its page to whoever is inside, and everybody else where they are on the way there. */
export function Inside({ children }: { children: ComponentChildren }) {
  if (!session.value) return <SignIn />;
  switch (stage.value) {
    case 'outside':
      return <Join title={t().queue.joinTitle} text={t().queue.joinText} button={t().queue.join} />;
    case 'unknown':
      return placeFailure.value ? (
        <Failure failure={placeFailure.value} retry={() => void refreshPlace()} />
      ) : (
        <Loading />
      );
    case 'waiting':
      return <WaitingRoom />;
    case 'ended': {
      const status = queueToken.value?.status as 'USED' | 'EXPIRED' | 'LEFT';
      return <Join {...t().queue.ended[status]} button={t().queue.again} />;
    }
    case 'inside':
      return <>{children}</>;
  }
}

function Join({ title, text, button }: { title: string; text: string; button: string }) {
  const join = useAction(joinQueue);
  return (
    <section class="panel centred">
      <Title text={title} />
      <p>{text}</p>
      <button type="button" class="primary" aria-disabled={join.busy.value} onClick={join.run}>
        {button}
      </button>
      <Failure failure={join.failure.value} retry={join.run} />
    </section>
  );
}
