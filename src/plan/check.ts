import { SeatLocation } from '../contracts/concert';
import { ImportPlanRequest, SEATS_PER_PLAN_MAX, type PlanPrices, type SeatingPlan } from '../contracts/plan';
import { Refusal, type FieldFault } from '../errors';
import { pointerTo, toFaults } from '../faults';
import { toNewest } from './newest';
import { items, walkSeats, type PlacedSeat, type UncheckedPlan } from './walk';

/** Whoever repairs a file wants to see all of its faults; a file with more is another kind of file. */
const FAULTS_MAX = 1_000;

export interface PricedPlan {
  plan: SeatingPlan;
  prices: PlanPrices;
}

/**
 * A plan with its prices, in the newest form. Throws `validation_failed` with the pointer of every fault: those of its
 * shape, and those that no schema can describe, also where the shape has some.
 */
export function readPricedPlan(value: unknown): PricedPlan {
  const parsed = ImportPlanRequest.safeParse(value);
  const ofShape = parsed.success ? [] : toFaults(parsed.error, FAULTS_MAX);
  const { plan, prices } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  // What the schema has dropped (a price of `__proto__`) is missing.
  const kept = parsed.success ? parsed.data.prices : prices;
  const faults = [...ofShape, ...(isObject(plan) ? findFaults(plan, kept) : [])];
  if (parsed.success && faults.length === 0) return { plan: toNewest(parsed.data.plan), prices: parsed.data.prices };
  throw refused(faults);
}

function refused(faults: FieldFault[]): Refusal {
  const errors = faults.slice(0, FAULTS_MAX);
  const detail = `The plan has ${faults.length} fault${faults.length === 1 ? '' : 's'}${
    errors.length < faults.length ? `, of which these are the first ${FAULTS_MAX}` : ''
  }.`;
  return new Refusal('validation_failed', detail, { errors });
}

function findFaults(plan: UncheckedPlan, prices: unknown): FieldFault[] {
  return [...categoryFaults(plan), ...seatFaults(plan), ...areaFaults(plan), ...priceFaults(plan, prices)];
}

const fault = (path: readonly (string | number)[], detail: string): FieldFault => ({
  pointer: pointerTo(path),
  detail,
});

function categoryFaults(plan: UncheckedPlan): FieldFault[] {
  const names = new Set<unknown>();
  return [...items(plan.categories)].flatMap(([index, { name }]) => {
    const again = names.has(name);
    names.add(name);
    return again ? [fault(['plan', 'categories', index, 'name'], 'is there twice')] : [];
  });
}

function seatFaults(plan: UncheckedPlan): FieldFault[] {
  const categories = new Set([...items(plan.categories)].map(([, { name }]) => name));
  const [guids, locations] = [new Map<string, PlacedSeat>(), new Map<string, PlacedSeat>()];
  const faults: FieldFault[] = [];
  let count = 0;
  for (const placed of walkSeats(plan)) {
    count += 1;
    const { seat, location } = placed;
    const say = (field: string, detail: string) => faults.push(fault([...pathOf(placed), field], detail));
    if (typeof seat.category === 'string' && !categories.has(seat.category))
      say('category', 'is not the name of a category of the plan');
    if (typeof seat.seat_guid === 'string') {
      const first = guids.get(seat.seat_guid);
      if (first) say('seat_guid', `is that of ${pointerTo(pathOf(first))}, too`);
      else guids.set(seat.seat_guid, placed);
    }
    if (typeof seat.seat_number !== 'string') continue;
    const first = locations.get(location);
    if (first) say('seat_number', `seat ${location} is ${pointerTo(pathOf(first))} already`);
    else locations.set(location, placed);
    const problem = SeatLocation.safeParse(location).error?.issues[0]?.message;
    if (problem) say('seat_number', `makes the seat "${location}", which ${problem}`);
  }
  if (count === 0 && Array.isArray(plan.zones)) faults.push(fault(['plan', 'zones'], 'have no seat'));
  if (count > SEATS_PER_PLAN_MAX) {
    faults.push(fault(['plan', 'zones'], `have ${count} seats, and may have ${SEATS_PER_PLAN_MAX}`));
  }
  return faults;
}

const pathOf = ({ path }: PlacedSeat) => ['plan', ...path];

/** Of a rectangle in an older file. */
function areaFaults(plan: UncheckedPlan): FieldFault[] {
  return [...items(plan.zones)].flatMap(([zoneNo, zone]) =>
    [...items(zone.areas)].flatMap(([areaNo, area]) => {
      const missing = ['width', 'height'].filter((field) => !(field in area));
      const path = ['plan', 'zones', zoneNo, 'areas', areaNo, missing[0] as string];
      return missing.length === 1 ? [fault(path, 'is missing')] : [];
    }),
  );
}

function priceFaults(plan: UncheckedPlan, prices: unknown): FieldFault[] {
  if (!isObject(prices)) return [];
  const known = new Set([...items(plan.categories)].map(([, { name }]) => name));
  const used = new Set([...walkSeats(plan)].map(({ seat }) => seat.category));
  const missing = [...used].filter((name) => known.has(name) && !Object.hasOwn(prices, name));
  const unknown = Object.keys(prices).filter((name) => !known.has(name));
  return [
    ...missing.map((name) => fault(['prices', name], 'is missing')),
    ...unknown.map((name) => fault(['prices', name], 'is not a category of the plan')),
  ];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
