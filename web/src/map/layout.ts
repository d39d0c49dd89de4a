import type { Seat } from '../api/operations';

/** A seat and where it is drawn. Lengths are in units of the plan. */
export interface PlacedSeat {
  id: number;
  /** Its full name, such as `101-A-12`. */
  location: string;
  zone: string;
  row: string;
  number: string;
  x: number;
  y: number;
  radius: number;
  price: number;
  /** Index into `categories`. */
  category: number;
}

export interface Category {
  name: string;
  price: number;
  /** A colour of the plan's own; otherwise the page has one for each. */
  color: string | undefined;
}

/** A shape behind the seats: the stage, a block, a word. */
export interface Area {
  path?: string;
  text?: string;
  x: number;
  y: number;
  size?: number;
  fill?: string;
  /** Of its text. */
  color?: string;
  isStage?: boolean;
  rotation?: number;
}

export interface Label {
  text: string;
  x: number;
  y: number;
  size: number;
}

export interface Layout {
  width: number;
  height: number;
  seats: PlacedSeat[];
  /** There is no plan: seats lie where their numbers say, which also tell who sits beside whom. */
  isNumbered: boolean;
  categories: Category[];
  areas: Area[];
  /** Names of rows, beside their seats. */
  labels: Label[];
  /** Names of zones, over their seats: for whoever looks from afar. */
  zones: Label[];
  /** Where the best view is from: seats near to it are suggested first. */
  front: { x: number; y: number };
}

const STEP = 24;
const RADIUS = 9;
const AISLE = STEP * 2.5;
const STAGE_HEIGHT = 60;
const STAGE_GAP = 60;
/** Blocks of an arena stand side by side in rows about this much wider than high. */
const ASPECT = 1.6;
interface Parsed {
  seat: Seat;
  zone: string;
  row: string;
  number: number;
}

/** Lays seats out from their names alone: blocks, rows from the front, numbers from left to right. */
export function layoutFromLocations(seats: readonly Seat[]): Layout {
  const zones = groupBy(seats.map(parse), ({ zone }) => zone);
  const blocks = [...zones].map(([name, inZone]) => placeBlock(name, inZone));
  const columns = Math.ceil(Math.sqrt(blocks.length * ASPECT));
  const cell = {
    width: Math.max(0, ...blocks.map(({ width }) => width)) + AISLE,
    height: Math.max(0, ...blocks.map(({ height }) => height)) + AISLE + (blocks.length > 1 ? STEP : 0),
  };
  const width = Math.min(columns, blocks.length) * cell.width;
  const top = STAGE_HEIGHT + STAGE_GAP;
  const categories = categoriesOf(seats);
  const placed: PlacedSeat[] = [];
  const labels: Label[] = [];
  blocks.forEach((block, index) => {
    const inLine = Math.min(columns, blocks.length - Math.floor(index / columns) * columns);
    const left = (width - inLine * cell.width) / 2 + (index % columns) * cell.width;
    const [x, y] = [left + (cell.width - block.width) / 2, top + Math.floor(index / columns) * cell.height];
    if (block.name) labels.push({ text: block.name, x: x + block.width / 2, y, size: STEP });
    const down = block.name ? y + STEP * 1.2 : y;
    for (const label of block.labels) labels.push({ ...label, x: x + label.x, y: down + label.y });
    for (const seat of block.seats) {
      const category = categories.findIndex(({ price }) => price === seat.price);
      placed.push({ ...seat, x: x + seat.x, y: down + seat.y, category });
    }
  });
  const height = top + Math.ceil(blocks.length / columns) * cell.height;
  const stage = { width: Math.max(width * 0.5, 200), middle: width / 2 };
  return {
    width,
    height,
    seats: placed,
    isNumbered: true,
    categories,
    labels,
    zones: [],
    areas: [
      {
        path: rounded(stage.middle - stage.width / 2, 0, stage.width, STAGE_HEIGHT, 14),
        x: stage.middle,
        y: STAGE_HEIGHT / 2,
        isStage: true,
      },
    ],
    front: { x: stage.middle, y: STAGE_HEIGHT },
  };
}

/** The price tiers of seats without a plan, dearest first. */
export function categoriesOf(seats: readonly Seat[]): Category[] {
  const prices = [...new Set(seats.map(({ price }) => price))].sort((one, other) => other - one);
  return prices.map((price) => ({ name: '', price, color: undefined }));
}

/** `101-A-12`, `A-12`, `A12` or `12`: block, row and number, as far as there are any. */
function parse(seat: Seat): Parsed {
  const words = seat.location.split(/[- ]+/);
  const [, letters = '', digits] = /^(\D*)(\d+)$/.exec(words.pop()!) ?? [];
  if (digits === undefined) return { seat, zone: '', row: seat.location, number: 1 };
  const row = letters || (words.pop() ?? '');
  return { seat, zone: words.join(' '), row, number: Number(digits) };
}

function placeBlock(name: string, parsed: Parsed[]) {
  const rows = [...groupBy(parsed, ({ row }) => row)].sort(([one], [other]) => naturally(one, other));
  const numbers = parsed.map(({ number }) => number);
  const first = Math.min(...numbers);
  const labels: Label[] = [];
  const seats = rows.flatMap(([row, inRow], index) => {
    const y = (index + 0.5) * STEP;
    if (row) labels.push({ text: row, x: STEP * 0.4, y, size: 12 });
    return inRow.map(({ seat, number }) => ({
      id: seat.id,
      location: seat.location,
      price: seat.price,
      zone: name,
      row,
      number: String(number),
      x: (number - first + 1.5) * STEP,
      y,
      radius: RADIUS,
    }));
  });
  return { name, seats, labels, width: (Math.max(...numbers) - first + 3) * STEP, height: rows.length * STEP };
}

/** `2` before `10`, `Z` before `AA`. */
function naturally(one: string, other: string): number {
  const isWord = /^[A-Za-z]+$/;
  if (isWord.test(one) && isWord.test(other) && one.length !== other.length) return one.length - other.length;
  return one.localeCompare(other, 'en', { numeric: true });
}

export function groupBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item));
    if (group) group.push(item);
    else groups.set(nameOf(item), [item]);
  }
  return groups;
}

export function rounded(x: number, y: number, width: number, height: number, r: number): string {
  return `M${x + r} ${y}h${width - 2 * r}q${r} 0 ${r} ${r}v${height - 2 * r}q0 ${r} ${-r} ${r}h${2 * r - width}q${-r} 0 ${-r} ${-r}v${2 * r - height}q0 ${-r} ${r} ${-r}z`;
}
