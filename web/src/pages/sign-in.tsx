import { t } from '../i18n/messages';
import { ApiFailure } from '../api/problem';
import { joinQueue } from '../state/queue';
import { api, session, webConfig } from '../state/session';
import { useAction } from '../ui/action';
import { Failure } from '../ui/failure';
import { Poster } from '../ui/poster';
import { Title } from '../ui/title';

/** In dev mode one click makes a new fan; otherwise the identity provider says who it is. */
export function SignIn() {
  const { authMode, clientId } = webConfig.value!;
  const enter = useAction(authMode === 'dev' ? becomeNewFan : goToProvider);
  const possible = authMode === 'dev' || clientId !== null;
  const note = authMode === 'dev' ? t().signIn.devNote : possible ? t().signIn.providerNote : t().signIn.notConfigured;
  return (
    <section class="hero">
      <Poster id={0} />
      <Title text={t().signIn.title} />
      <p class="lead">{t().signIn.text}</p>
      <ol class="steps">
        {t().signIn.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <button
        type="button"
        class="primary large"
        disabled={!possible}
        aria-disabled={enter.busy.value}
        onClick={enter.run}
      >
        {enter.busy.value ? t().signIn.entering : t().signIn.enter}
      </button>
      <p class="note">{note}</p>
      <Failure failure={enter.failure.value} retry={enter.run} />
    </section>
  );
}

async function becomeNewFan(): Promise<void> {
  const { accessToken, expiresAt } = await api.call('createSession', {});
  session.value = { accessToken, expiresAt };
  await joinQueue();
}

async function goToProvider(): Promise<void> {
  const { startSignIn } = await import('../state/provider');
  await startSignIn(webConfig.value!).catch(() => {
    throw new ApiFailure('no_reply'); // the provider's; what to do is the same
  });
}
