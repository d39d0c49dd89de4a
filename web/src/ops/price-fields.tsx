import { o } from './messages';
import { webConfig } from './session';

interface Props {
  categories: readonly string[];
  /** As typed, by category. */
  values: Record<string, string>;
  onInput: (category: string, text: string) => void;
}

/** What a seat of each category costs, in the minor unit of the currency. */
export function PriceFields({ categories, values, onInput }: Props) {
  return (
    <>
      {categories.map((category) => (
        <label key={category}>
          {o().concerts.priceOf(category, webConfig.value!.currency)}
          <input
            type="number"
            min={0}
            step={1}
            required
            value={values[category] ?? ''}
            onInput={({ currentTarget }) => onInput(category, currentTarget.value)}
          />
        </label>
      ))}
    </>
  );
}
