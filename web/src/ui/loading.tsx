import { t } from '../i18n/messages';

export function Loading() {
  return (
    <p class="loading" role="status">
      {t().loading}
    </p>
  );
}
