import { useEffect } from 'preact/hooks';
import { t } from '../i18n/messages';
import { isOperatorPath, storeOperator } from '../state/operator';
import { navigate } from '../state/router';
import { session, webConfig } from '../state/session';
import { joinQueue } from '../state/queue';
import { useAction } from '../ui/action';
import { Failure } from '../ui/failure';
import { useSignal } from '@preact/signals';
import { Title } from '../ui/title';
import { SignIn } from './sign-in';

/** Where the identity provider sends the browser back to: turns its code into a session and goes on. */
export function SignedInByProvider() {
  const failed = useSignal(false);
  const finish = useAction(async () => {
    const { finishSignIn } = await import('../state/provider');
    const finished = await finishSignIn(webConfig.value!);
    if (!finished) {
      failed.value = true;
      return;
    }
    if (isOperatorPath(finished.returnTo)) {
      storeOperator(finished.session);
      location.replace(finished.returnTo);
      return;
    }
    session.value = finished.session;
    navigate(finished.returnTo, { replace: true });
    await joinQueue();
  });
  useEffect(finish.run, []);
  if (failed.value) {
    return (
      <>
        <p class="failure" role="alert">
          {t().signIn.failed}
        </p>
        <SignIn />
      </>
    );
  }
  return (
    <section class="panel centred">
      <Title text={t().signIn.finishing} />
      <Failure failure={finish.failure.value} retry={finish.run} />
    </section>
  );
}
