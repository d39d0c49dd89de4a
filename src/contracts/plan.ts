import { z } from 'zod';
import { Id, line, Money, text } from './common';

/**
 * Seating plans as the open JSON format of pretix's plan editor has them. Positions are in pixels and relative to the
 * parent: those of zone, row and seat add up.
 */

/** More than any hall in the world has on one date's plan that is drawn as a whole. */
export const SEATS_PER_PLAN_MAX = 20_000;
const ZONES_MAX = 500;
const ROWS_PER_ZONE_MAX = 1_000;
const SEATS_PER_ROW_MAX = 1_000;
const AREAS_PER_ZONE_MAX = 1_000;
const POINTS_MAX = 1_000;
const CATEGORIES_MAX = 100;
/** In pixels. The sum of three of these is still drawn exactly. */
const COORDINATE_MAX = 1_000_000;
/** Of the whole plan: more than any place within the bounds above. */
const SIZE_MAX = 10 * COORDINATE_MAX;
const GUID_MAX = 190;
const NAME_MAX = 200;
const NUMBER_MAX = 40;
const LABEL_MAX = 200;
const AREA_TEXT_MAX = 500;

const Coordinate = z.number().min(-COORDINATE_MAX).max(COORDINATE_MAX).meta({ example: 12.5 });
const Length = z.int().min(0).max(COORDINATE_MAX).meta({ example: 10 });
const SizeLength = z.int().min(1).max(SIZE_MAX).meta({ example: 800 });
/** What browsers take for a colour, and nothing that refers to something else. */
const Colour = z
  .string()
  .max(64)
  .regex(/^(#[0-9a-fA-F]{3,8}|[a-zA-Z]+|(rgb|hsl)a?\([0-9 .,%/]*\))?$/, 'must be a colour such as #7c3aed')
  .meta({ example: '#7c3aed' });
const Uuid = text(0, GUID_MAX).optional();

export const PlanPosition = z
  .strictObject({ x: Coordinate, y: Coordinate })
  .meta({ id: 'PlanPosition', description: 'In pixels, relative to the parent' });

export const PlanCategory = z
  .strictObject({ name: line(1, NAME_MAX).meta({ example: 'R' }), color: Colour.optional() })
  .meta({ id: 'PlanCategory', description: 'Seats of one price' });

export const PlanSeat = z
  .strictObject({
    seat_guid: text(1, GUID_MAX).meta({ description: 'Unique in the plan, never shown', example: 'a-1' }),
    seat_number: text(0, NUMBER_MAX).meta({ example: '1' }),
    position: PlanPosition,
    category: z.string().meta({ description: 'The name of a category of the plan', example: 'R' }),
    radius: Length.optional(),
    start_direction: z.enum(['<', '>', '<>']).nullable().optional(),
    uuid: Uuid,
  })
  .meta({ id: 'PlanSeat' });
export type PlanSeat = z.infer<typeof PlanSeat>;

const rowFields = {
  row_number: text(0, NUMBER_MAX).meta({ example: 'A' }),
  row_label: text(0, LABEL_MAX).nullable().optional(),
  seat_label: text(0, LABEL_MAX).nullable().optional().meta({ description: 'May hold %s for the number of the seat' }),
  row_number_position: z.enum(['start', 'end', 'both']).nullable().optional(),
  position: PlanPosition.optional(),
  seats: z.array(PlanSeat).max(SEATS_PER_ROW_MAX),
  uuid: Uuid,
};
export const PlanRow = z.strictObject(rowFields).meta({ id: 'PlanRow' });

const PlanText = z.strictObject({
  text: text(0, AREA_TEXT_MAX),
  position: PlanPosition,
  color: Colour.optional(),
  size: Length.optional(),
});
const areaFields = {
  shape: z.enum(['polygon', 'rectangle', 'ellipse', 'circle', 'text']).optional(),
  polygon: z.strictObject({ points: z.array(PlanPosition).max(POINTS_MAX) }).optional(),
  rectangle: z.strictObject({ width: Length, height: Length }).optional(),
  ellipse: z.strictObject({ radius: PlanPosition }).optional(),
  circle: z.strictObject({ radius: Length }).optional(),
  text: PlanText.optional(),
  color: Colour.optional(),
  border_color: Colour.optional(),
  rotation: Coordinate.optional().meta({ description: 'Degrees clockwise about the position' }),
  position: PlanPosition.optional(),
  uuid: Uuid,
};
export const PlanArea = z.strictObject(areaFields).meta({ id: 'PlanArea', description: 'A stage, a bar, a wall' });
export type PlanArea = z.infer<typeof PlanArea>;

const zoneFields = {
  name: text(0, NAME_MAX).optional().meta({ example: 'Balcony' }),
  zone_id: text(0, GUID_MAX).optional(),
  position: PlanPosition,
  rows: z.array(PlanRow).max(ROWS_PER_ZONE_MAX),
  areas: z.array(PlanArea).max(AREAS_PER_ZONE_MAX).optional(),
  uuid: Uuid,
};
export const PlanZone = z.strictObject(zoneFields).meta({ id: 'PlanZone' });

const planFields = {
  name: text(0, NAME_MAX).meta({ example: 'Lantern Club' }),
  categories: z.array(PlanCategory).max(CATEGORIES_MAX),
  zones: z.array(PlanZone).max(ZONES_MAX),
  size: z.strictObject({ width: SizeLength, height: SizeLength }),
};
export const SeatingPlan = z
  .strictObject(planFields)
  .meta({ id: 'SeatingPlan', description: "A seating plan in the newest form of pretix's open format" });
export type SeatingPlan = z.infer<typeof SeatingPlan>;

/** What older files have beside that; none of it is kept as it was. */
const OlderArea = z.strictObject({
  ...areaFields,
  text: z.union([text(0, AREA_TEXT_MAX), PlanText]).optional(),
  width: Length.optional(),
  height: Length.optional(),
});
export type OlderArea = z.infer<typeof OlderArea>;
const OlderRow = z.strictObject({
  ...rowFields,
  number_of_seats: Length.optional(),
  seats_spacing: Length.optional(),
});
const OlderZone = z.strictObject({
  ...zoneFields,
  displayed: z.boolean().optional(),
  rows: z.array(OlderRow).max(ROWS_PER_ZONE_MAX),
  areas: z.array(OlderArea).max(AREAS_PER_ZONE_MAX).optional(),
});
export const PlanInput = z
  .strictObject({ ...planFields, zones: z.array(OlderZone).max(ZONES_MAX), size: planFields.size.optional() })
  .meta({ id: 'PlanInput', description: 'A seating plan in the newest or an older form' });
export type PlanInput = z.infer<typeof PlanInput>;

const EXAMPLE = {
  name: 'Lantern Club',
  categories: [{ name: 'R', color: '#7c3aed' }],
  zones: [
    {
      position: { x: 40, y: 60 },
      rows: [
        {
          row_number: 'A',
          seats: [{ seat_guid: 'a-1', seat_number: '1', position: { x: 0, y: 0 }, category: 'R' }],
        },
      ],
    },
  ],
  size: { width: 120, height: 120 },
};

export const PlanPrices = z
  .record(z.string(), Money)
  .meta({ description: 'The price of every category that has seats', example: { R: 99_000 } });
export type PlanPrices = z.infer<typeof PlanPrices>;

export const ImportPlanRequest = z
  .strictObject({ plan: PlanInput.meta({ example: EXAMPLE }), prices: PlanPrices })
  .meta({ id: 'ImportPlanRequest', description: 'The plan of a date, and what its seats cost' });

export const PlanExportView = z
  .object({ plan: SeatingPlan, prices: PlanPrices })
  .meta({ id: 'PlanExport', description: 'A plan with its prices, as it can be imported again' });
export type PlanExportView = z.infer<typeof PlanExportView>;

export const PlanView = z
  .object({
    plan: SeatingPlan,
    seats: z
      .record(z.string(), Id)
      .meta({ description: 'The id of each seat, by its seat_guid', example: { 'a-1': 1 } }),
  })
  .meta({ id: 'Plan', description: 'Where the seats of a date are' });
export type PlanView = z.infer<typeof PlanView>;
