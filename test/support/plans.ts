import fc from 'fast-check';
import type { PlanInput, PlanPrices, SeatingPlan } from '../../src/contracts/plan';

/** Any number that a file may have, but -0, which JSON does not know. */
const coordinate = fc
  .oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }))
  .map((value) => (value === 0 ? 0 : value));
const position = fc.record({ x: coordinate, y: coordinate });
const length = fc.nat(500);
const label = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/\p{Surrogate}/u.test(text));
const colour = fc.constantFrom('#fff', '#7c3aed', 'red', 'rgba(1, 2, 3, 0.5)', '');

/** Parts that only some files have. */
const some = <Fields extends Record<string, fc.Arbitrary<unknown>>>(fields: Fields) =>
  fc.record(fields, { requiredKeys: [] });

const area = some({
  shape: fc.constantFrom('polygon', 'rectangle', 'ellipse', 'circle', 'text'),
  polygon: fc.record({ points: fc.array(position, { maxLength: 4 }) }),
  rectangle: fc.record({ width: length, height: length }),
  ellipse: fc.record({ radius: position }),
  circle: fc.record({ radius: length }),
  text: fc
    .tuple(fc.record({ text: label, position }), some({ color: colour, size: length }))
    .map(([text, more]) => ({ ...text, ...more })),
  color: colour,
  border_color: colour,
  rotation: coordinate,
  position,
  uuid: label,
});
const rowExtras = some({
  row_label: fc.option(label),
  seat_label: fc.option(label),
  row_number_position: fc.constantFrom('start', 'end', 'both', null),
  position,
  uuid: label,
});
const seatExtras = some({ radius: length, start_direction: fc.constantFrom('<', '>', '<>', null), uuid: label });

export interface PricedInput {
  plan: PlanInput;
  prices: PlanPrices;
}

/** Plans in the newest form, each with at least one seat, and a price for every category. */
export const newestPlans = fc
  .record({
    name: label,
    categories: fc.uniqueArray(fc.constantFrom('VIP', 'R', 'S', '1/2~', 'toString'), { minLength: 1 }),
    colours: fc.array(fc.option(colour, { nil: undefined }), { minLength: 5, maxLength: 5 }),
    zones: fc.array(
      fc.record({
        extras: some({ zone_id: label, uuid: label, areas: fc.array(area, { maxLength: 3 }) }),
        position,
        rows: fc.array(fc.record({ extras: rowExtras, seats: fc.array(fc.record({ position, extras: seatExtras })) }), {
          maxLength: 4,
        }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    size: fc.record({ width: fc.integer({ min: 1, max: 9_000 }), height: fc.integer({ min: 1, max: 9_000 }) }),
    prices: fc.array(fc.nat(1_000_000), { minLength: 5, maxLength: 5 }),
  })
  .filter(({ zones }) => zones.some(({ rows }) => rows.some(({ seats }) => seats.length > 0)))
  .map(({ name, categories, colours, zones, size, prices }): { plan: SeatingPlan; prices: PlanPrices } => {
    let seatNo = 0;
    const plan = {
      name,
      categories: categories.map((category, index) => ({
        name: category,
        ...(colours[index] === undefined ? {} : { color: colours[index] }),
      })),
      zones: zones.map((zone, zoneNo) => ({
        ...zone.extras,
        ...(zoneNo === 0 ? {} : { name: `Zone ${zoneNo}` }),
        position: zone.position,
        rows: zone.rows.map((row, rowNo) => ({
          ...row.extras,
          row_number: `${rowNo + 1}`,
          seats: row.seats.map((seat, index) => {
            seatNo += 1;
            const category = categories[seatNo % categories.length] as string;
            return {
              ...seat.extras,
              seat_guid: `guid ${seatNo}`,
              seat_number: `${index + 1}`,
              position: seat.position,
              category,
            };
          }),
        })),
      })),
      size,
    } as SeatingPlan;
    return {
      plan,
      prices: Object.fromEntries(categories.map((category, index) => [category, prices[index] as number])),
    };
  });

const olderExtras = some({ displayed: fc.boolean(), number_of_seats: length, seats_spacing: length });
const olderArea = fc
  .tuple(fc.record({ width: length, height: length, position }), some({ text: label, color: colour }))
  .map(([must, may]) => ({ ...must, ...may }));

/** The same in an older form: without a size, with what newer programs leave out, and areas that are rectangles. */
export const olderPlans = fc
  .tuple(newestPlans, olderExtras, fc.array(olderArea, { minLength: 1, maxLength: 3 }))
  .map(([{ plan, prices }, { displayed, ...spacing }, areas]): PricedInput => {
    const { size: _size, ...older } = plan;
    const zones = older.zones.map((zone) => ({
      ...zone,
      ...(displayed === undefined ? {} : { displayed }),
      areas,
      rows: zone.rows.map((row) => ({ ...row, ...spacing })),
    }));
    return { plan: { ...older, zones } as PlanInput, prices };
  });
