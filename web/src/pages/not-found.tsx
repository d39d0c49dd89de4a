import { t } from '../i18n/messages';
import { Link } from '../ui/link';
import { Title } from '../ui/title';

export function NotFound() {
  return (
    <section class="panel centred">
      <Title text={t().notFound.title} />
      <p>{t().notFound.text}</p>
      <Link to="/" class="button">
        {t().notFound.home}
      </Link>
    </section>
  );
}
