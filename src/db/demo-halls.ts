import type { PlanArea, PlanSeat, SeatingPlan } from '../contracts/plan';
import type { PricedPlan } from '../plan/check';

/** The halls of the demo concerts, drawn by code: the same ones every time. */
export interface Hall extends PricedPlan {
  place: string;
}

type Zone = SeatingPlan['zones'][number];
type Row = Zone['rows'][number];
interface Point {
  x: number;
  y: number;
}

/** From seat to seat, from row to row, and from the edge of the plan to what is on it. */
const SEAT_PX = 24;
const ROW_PX = 28;
const MARGIN_PX = 60;
const STAGE_HEIGHT_PX = 70;

const CATEGORIES = {
  VIP: { name: 'VIP', color: '#a21caf' },
  R: { name: 'R', color: '#6d28d9' },
  S: { name: 'S', color: '#0369a1' },
  A: { name: 'A', color: '#047857' },
};
type Category = keyof typeof CATEGORIES;

const letter = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
/** A tenth of a pixel is seen by nobody, and a plan of thousands of seats stays small. */
const rounded = (value: number): number => Math.round(value * 10) / 10;

function categoriesOf(prices: Partial<Record<Category, number>>): SeatingPlan['categories'] {
  return (Object.keys(prices) as Category[]).map((name) => CATEGORIES[name]);
}

function stage(width: number, position: Point): PlanArea {
  const middle = { x: width / 2, y: STAGE_HEIGHT_PX / 2 };
  return {
    shape: 'rectangle',
    rectangle: { width, height: STAGE_HEIGHT_PX },
    text: { text: 'STAGE', position: middle, color: '#f8fafc', size: 22 },
    color: '#334155',
    border_color: '#1e293b',
    rotation: 0,
    position,
  };
}

/** A row of which `place` says where each seat is, in the zone's own pixels. */
function makeRow(zone: string, row: string, category: Category, count: number, place: (seat: number) => Point): Row {
  const seats = range(count).map((seat): PlanSeat => {
    const { x, y } = place(seat);
    return {
      seat_guid: [zone, row, seat + 1].filter(Boolean).join('-'),
      seat_number: String(seat + 1),
      position: { x: rounded(x), y: rounded(y) },
      category,
    };
  });
  return { row_number: row, row_number_position: 'both', seats };
}

/** Rows that bend around a stage in the middle above them: the seats at the ends are a little nearer to it. */
function bentRow(count: number, y: number, bend: number): (seat: number) => Point {
  const middle = (count - 1) / 2;
  return (seat) => ({ x: seat * SEAT_PX, y: y - bend * ((seat - middle) / middle) ** 2 });
}

const CLUB_PRICES = { R: 99_000 };
const CLUB_SEATS_PER_ROW = 10;

function drawClub(): SeatingPlan {
  const width = (CLUB_SEATS_PER_ROW - 1) * SEAT_PX + 2 * MARGIN_PX;
  const top = MARGIN_PX + STAGE_HEIGHT_PX + MARGIN_PX;
  const rows = range(5).map((row) =>
    makeRow('', letter(row), 'R', CLUB_SEATS_PER_ROW, bentRow(CLUB_SEATS_PER_ROW, row * ROW_PX, 14)),
  );
  return {
    name: 'Lantern Club',
    categories: categoriesOf(CLUB_PRICES),
    zones: [
      {
        position: { x: MARGIN_PX, y: top },
        rows,
        areas: [stage(width - 2 * MARGIN_PX, { x: 0, y: MARGIN_PX - top })],
      },
    ],
    size: { width, height: top + 4 * ROW_PX + MARGIN_PX },
  };
}

const CONCERT_HALL_PRICES = { R: 165_000, S: 132_000, A: 99_000 };
const CONCERT_HALL_SEATS_PER_ROW = 40;
const STALLS_ROWS = 15;
const BALCONY_ROWS = 10;
const AISLE_PX = 2 * ROW_PX;

function drawConcertHall(): SeatingPlan {
  const width = (CONCERT_HALL_SEATS_PER_ROW - 1) * SEAT_PX + 2 * MARGIN_PX;
  const stallsTop = 2 * MARGIN_PX + STAGE_HEIGHT_PX;
  const balconyTop = stallsTop + STALLS_ROWS * ROW_PX + AISLE_PX;
  const zone = (name: string, y: number, rows: number[], category: (row: number) => Category): Zone => ({
    name,
    position: { x: MARGIN_PX, y },
    rows: rows.map((row, index) => {
      const place = bentRow(CONCERT_HALL_SEATS_PER_ROW, index * ROW_PX, 40);
      return makeRow(name.toLowerCase(), letter(row), category(row), CONCERT_HALL_SEATS_PER_ROW, place);
    }),
  });
  const stageWidth = 560;
  const podium = stage(stageWidth, { x: (width - 2 * MARGIN_PX - stageWidth) / 2, y: MARGIN_PX - stallsTop });
  const balconyRows = range(BALCONY_ROWS).map((row) => STALLS_ROWS + row);
  return {
    name: 'Harbour Hall',
    categories: categoriesOf(CONCERT_HALL_PRICES),
    zones: [
      { ...zone('Stalls', stallsTop, range(STALLS_ROWS), (row) => (row < 5 ? 'R' : 'S')), areas: [podium] },
      zone('Balcony', balconyTop, balconyRows, () => 'A'),
    ],
    size: { width, height: balconyTop + (BALCONY_ROWS - 1) * ROW_PX + MARGIN_PX },
  };
}

const ARENA_PRICES = { VIP: 176_000, R: 154_000, S: 132_000, A: 110_000 };
const ARENA_ROWS = 20;
const ARENA_SEATS_PER_ROW = 25;
/** The blocks lie around the stage on two thirds of a circle. */
const ARENA_RADIANS = (4 / 3) * Math.PI;
const ARENA_RINGS = [
  { firstBlock: 101, blocks: 6, innerRadiusPx: 960, front: 'VIP', back: 'R' },
  { firstBlock: 107, blocks: 10, innerRadiusPx: 1_600, front: 'S', back: 'A' },
] as const;
const FRONT_ROWS = 5;

function drawArena(): SeatingPlan {
  const outerRadius = ARENA_RINGS[1].innerRadiusPx + (ARENA_ROWS - 1) * ROW_PX;
  const center = { x: outerRadius + MARGIN_PX, y: Math.ceil(outerRadius * Math.sin(ARENA_RADIANS / 2 - Math.PI / 2)) };
  const zones = ARENA_RINGS.flatMap(({ firstBlock, blocks, ...ring }) =>
    range(blocks).map((block) => {
      // From the left end to the right end, with the middle straight below the stage.
      const axis = Math.PI / 2 + ARENA_RADIANS * (0.5 - (block + 0.5) / blocks);
      return drawBlock(String(firstBlock + block), axis, ring);
    }),
  ).map((zone) => ({ ...zone, position: { x: center.x, y: center.y + MARGIN_PX } }));
  const stageWidth = 640;
  const [first, ...others] = zones as [Zone, ...Zone[]];
  const podium = stage(stageWidth, { x: -stageWidth / 2, y: -STAGE_HEIGHT_PX / 2 });
  return {
    name: 'Meridian Arena',
    categories: categoriesOf(ARENA_PRICES),
    zones: [{ ...first, areas: [podium] }, ...others],
    size: { width: 2 * center.x, height: center.y + Math.ceil(outerRadius) + 2 * MARGIN_PX },
  };
}

/** Rows on circles around the stage, each seat as far from the next as in any other row. */
function drawBlock(name: string, axis: number, ring: { innerRadiusPx: number; front: Category; back: Category }): Zone {
  const rows = range(ARENA_ROWS).map((row) => {
    const radius = ring.innerRadiusPx + row * ROW_PX;
    const category = row < FRONT_ROWS ? ring.front : ring.back;
    return makeRow(name, letter(row), category, ARENA_SEATS_PER_ROW, (seat) => {
      const angle = axis + (((ARENA_SEATS_PER_ROW - 1) / 2 - seat) * SEAT_PX) / radius;
      return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
    });
  });
  return { name, position: { x: 0, y: 0 }, rows };
}

export const CLUB: Hall = { place: 'Lantern Club, 50 seats', plan: drawClub(), prices: CLUB_PRICES };
export const CONCERT_HALL: Hall = {
  place: 'Harbour Hall, 1,000 seats',
  plan: drawConcertHall(),
  prices: CONCERT_HALL_PRICES,
};
export const ARENA: Hall = { place: 'Meridian Arena, 8,000 seats', plan: drawArena(), prices: ARENA_PRICES };
