import type { PlanArea, PlanPosition, PlanRow, Seat, SeatingPlan } from '../api/operations';
import { categoriesOf, groupBy, type Area, type Category, type Label, type Layout, type PlacedSeat } from './layout';

type Point = PlanPosition;

const RADIUS_DEFAULT = 10;
const TEXT_SIZE_DEFAULT = 16;
const LABEL_GAP = 20;
const STAGE = /stage|bühne|무대|scene/i;
const ORIGIN: Point = { x: 0, y: 0 };

/** Places the seats of a date as their plan says; `seatIds` tells which seat each of its ids stands for. */
export function layoutFromPlan(plan: SeatingPlan, seatIds: Record<string, number>, seats: readonly Seat[]): Layout {
  const byId = new Map(seats.map((seat) => [seat.id, seat]));
  const categories = plan.categories.map<Category>(({ name, color }) => ({ name, price: -1, color }));
  const labels: Label[] = [];
  const placed: PlacedSeat[] = [];
  for (const zone of plan.zones) {
    for (const row of zone.rows) {
      const origin = add(zone.position, row.position ?? ORIGIN);
      for (const planned of row.seats) {
        const seat = byId.get(seatIds[planned.seat_guid] ?? 0);
        if (!seat) continue;
        const category = Math.max(
          0,
          categories.findIndex(({ name }) => name === planned.category),
        );
        if (categories[category]) categories[category].price = seat.price;
        placed.push({
          id: seat.id,
          location: seat.location,
          zone: zone.name ?? '',
          row: row.row_number,
          number: planned.seat_number,
          ...add(origin, planned.position),
          radius: planned.radius ?? RADIUS_DEFAULT,
          price: seat.price,
          category,
        });
      }
      labels.push(...rowLabels(row, origin));
    }
  }
  const areas = plan.zones.flatMap((zone) => (zone.areas ?? []).flatMap((area) => draw(area, zone.position)));
  const { size } = plan;
  const stage = areas.find(({ text }) => text && STAGE.test(text));
  return {
    ...size,
    seats: placed,
    isNumbered: false,
    categories: categories.length > 0 ? categories : categoriesOf(seats),
    areas,
    labels,
    zones: zoneNames(placed, size.width),
    front: stage ?? { x: size.width / 2, y: 0 },
  };
}

const add = (one: Point, other: Point): Point => ({ x: one.x + other.x, y: one.y + other.y });

/** This part of the plan's width. */
const ZONE_NAME_PART = 1 / 40;

/** Where there are several, each in the middle of its seats. */
function zoneNames(seats: PlacedSeat[], width: number): Label[] {
  const zones = [...groupBy(seats, ({ zone }) => zone)];
  if (zones.length === 1) return [];
  return zones.map(([text, inZone]) => {
    const middle = (axis: 'x' | 'y') => inZone.reduce((sum, seat) => sum + seat[axis], 0) / inZone.length;
    return { text, x: middle('x'), y: middle('y'), size: width * ZONE_NAME_PART };
  });
}

function rowLabels(row: PlanRow, origin: Point): Label[] {
  const { row_number_position: where, seats, row_number: text } = row;
  const [first, last] = [seats[0], seats.at(-1)];
  if (!where || !first || !last) return [];
  const beside = (seat: Point, direction: number) => {
    const { x, y } = add(origin, seat);
    return { text, x: x + direction * LABEL_GAP, y, size: 11 };
  };
  return [
    ...(where !== 'end' ? [beside(first.position, -1)] : []),
    ...(where !== 'start' ? [beside(last.position, 1)] : []),
  ];
}

/** The shapes of an area, and its text as one more. */
function draw(area: PlanArea, zone: Point): Area[] {
  const { x, y } = add(zone, area.position ?? ORIGIN);
  const path = outline(area);
  const { text } = area;
  const common = {
    x,
    y,
    ...(area.color ? { fill: area.color } : {}),
    ...(area.rotation ? { rotation: area.rotation } : {}),
  };
  return [
    ...(path ? [{ ...common, path, isStage: text !== undefined && STAGE.test(text.text) }] : []),
    ...(text?.text
      ? [
          {
            ...add({ x, y }, text.position ?? ORIGIN),
            text: text.text,
            size: text.size ?? TEXT_SIZE_DEFAULT,
            ...(text.color ? { color: text.color } : {}),
          },
        ]
      : []),
  ];
}

/** About the area's own position. */
function outline({ shape, polygon, rectangle, ellipse, circle }: PlanArea): string | undefined {
  if (shape === 'polygon' && polygon) return `M${polygon.points.map(({ x, y }) => `${x} ${y}`).join('L')}z`;
  if (shape === 'rectangle' && rectangle) return `M0 0h${rectangle.width}v${rectangle.height}h${-rectangle.width}z`;
  const radius = shape === 'ellipse' ? ellipse?.radius : circle && { x: circle.radius, y: circle.radius };
  if (!radius || shape === 'text') return undefined;
  return `M${-radius.x} 0a${radius.x} ${radius.y} 0 1 0 ${2 * radius.x} 0a${radius.x} ${radius.y} 0 1 0 ${-2 * radius.x} 0z`;
}
