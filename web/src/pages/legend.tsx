import { useEffect, useRef } from 'preact/hooks';
import { money } from '../i18n/format';
import { t } from '../i18n/messages';
import type { Category, Layout } from '../map/layout';
import { CATEGORY_COLORS } from '../map/painter';
import { webConfig } from '../state/session';

/** What the colours of the map mean. */
export function Legend({ layout }: { layout: Layout }) {
  return (
    <ul class="legend" aria-label={t().seats.legend}>
      {layout.categories.map((category, index) =>
        category.price < 0 ? null : <Entry key={index} category={category} index={index} />,
      )}
      <li>
        <span class="swatch chosen" /> {t().seats.chosen}
      </li>
      <li>
        <span class="swatch taken" /> {t().seats.taken}
      </li>
    </ul>
  );
}

function Entry({ category, index }: { category: Category; index: number }) {
  const swatch = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (category.color) swatch.current!.style.background = category.color;
  }, [category.color]);
  return (
    <li>
      <span ref={swatch} class={`swatch category-${index % CATEGORY_COLORS}`} /> {category.name}{' '}
      {money(category.price, webConfig.value!.currency)}
    </li>
  );
}
