import type { ImportPlanRequest } from '../api/operations';

/** The seats of one category, as they are drawn. */
export interface Layer {
  color: string | undefined;
  seats: { x: number; y: number }[];
}

export interface PlanFile {
  plan: ImportPlanRequest['plan'];
  /** What the file itself says, if it is one of our exports. */
  prices: Record<string, string>;
  categories: string[];
  seats: number;
  layers: Layer[];
}

type Loose = Record<string, unknown>;

/** What has to be known of a file before it is sent; whatever is wrong with it is the server's to say. */
export function readPlanFile(content: unknown): PlanFile {
  const whole = objectOf(content);
  const isExport = 'plan' in whole && 'prices' in whole;
  const plan = isExport ? objectOf(whole['plan']) : whole;
  const prices = isExport ? Object.entries(objectOf(whole['prices'])) : [];
  const categories = listOf(plan['categories']);
  const layers = new Map(categories.map(({ name, color }) => [name, { color: textOf(color), seats: [] } as Layer]));
  const others: Layer = { color: undefined, seats: [] };
  let seats = 0;
  for (const { seat, x, y } of walk(plan)) {
    seats += 1;
    (layers.get(seat['category']) ?? others).seats.push({ x, y });
  }
  return {
    plan: plan as unknown as ImportPlanRequest['plan'],
    prices: Object.fromEntries(prices.map(([category, price]) => [category, String(price)])),
    categories: categories.flatMap(({ name }) => textOf(name) ?? []),
    seats,
    layers: [...layers.values(), others],
  };
}

function* walk(plan: Loose): Generator<{ seat: Loose; x: number; y: number }> {
  for (const zone of listOf(plan['zones'])) {
    for (const row of listOf(zone['rows'])) {
      for (const seat of listOf(row['seats'])) {
        const at = (axis: string) =>
          [zone, row, seat].reduce((sum, part) => sum + (Number(objectOf(part['position'])[axis]) || 0), 0);
        yield { seat, x: at('x'), y: at('y') };
      }
    }
  }
}

const objectOf = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});
const listOf = (value: unknown): Loose[] => (Array.isArray(value) ? value.map(objectOf) : []);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
