import type { ApiFailure } from '../api/problem';
import { failureText } from '../i18n/failures';
import { faultText } from './faults';
import { o } from './messages';
import { signOut } from './session';

/** More would be scrolled over. */
const FAULTS_SHOWN = 200;

interface Props {
  failure: ApiFailure | undefined;
  retry?: () => void;
}

/** Says what went wrong, with every fault in the input, and offers the way out. */
export function Failure({ failure, retry }: Props) {
  if (!failure) return null;
  const { code, problem } = failure;
  const faults = problem?.errors ?? [];
  return (
    <div class="failure" role="alert" data-code={code}>
      <p>{o().failures[code] ?? failureText(code)}</p>
      {faults.length > 0 && (
        <ul class="faults">
          {faults.slice(0, FAULTS_SHOWN).map(({ pointer, detail }) => (
            <li key={`${pointer} ${detail}`}>
              <code>{pointer || '/'}</code> {faultText(detail)}
            </li>
          ))}
          {faults.length > FAULTS_SHOWN && <li>{o().moreFaults(faults.length - FAULTS_SHOWN)}</li>}
        </ul>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          {o().retry}
        </button>
      )}
      {code === 'forbidden' && (
        <button type="button" onClick={signOut}>
          {o().signOut}
        </button>
      )}
    </div>
  );
}
