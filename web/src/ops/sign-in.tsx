import { useAction } from '../ui/action';
import { Failure } from './failure';
import { Heading } from './heading';
import { o } from './messages';
import { becomeAdministrator, goToProvider, webConfig } from './session';

export function SignIn() {
  const { authMode, clientId } = webConfig.value!;
  const isDev = authMode === 'dev';
  const enter = useAction(isDev ? becomeAdministrator : goToProvider);
  const texts = o().signIn;
  return (
    <section class="card centred">
      <Heading text={texts.title} />
      <p>{texts.text}</p>
      {isDev || clientId !== null ? (
        <button type="button" class="primary large" aria-disabled={enter.busy.value} onClick={enter.run}>
          {isDev ? texts.devEnter : texts.enter}
        </button>
      ) : (
        <p class="notice">{texts.notConfigured}</p>
      )}
      {isDev && <p class="note">{texts.devNote}</p>}
      <Failure failure={enter.failure.value} retry={enter.run} />
    </section>
  );
}
