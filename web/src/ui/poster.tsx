/** As many as the style sheet has. */
const COLORS = 6;
const [WIDTH, HEIGHT] = [320, 120];
const ROWS = 7;
const ROW_GAP = 17;
const SEAT_GAP = 15;
/** Where the stage is, about which the rows are bent. */
const [STAGE_X, STAGE_Y] = [WIDTH / 2, HEIGHT + 26];
/** Of the seats of the picture, some are lit: which ones depends on the concert alone. */
const LIT_PART = 0.16;

/** A picture for a concert that has none: rows of a hall as seen from above the stage. */
export function Poster({ id }: { id: number }) {
  const seats = Array.from({ length: ROWS }, (_, row) => rowOf(row)).flat();
  const dots = (lit: boolean) =>
    seats
      .filter((_, index) => chance(id, index) < LIT_PART === lit)
      .map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`)
      .join('');
  return (
    <svg class={`poster poster-${id % COLORS}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path class="dim" d={dots(false)} />
      <path class="lit" d={dots(true)} />
    </svg>
  );
}

function rowOf(row: number): { x: number; y: number }[] {
  const radius = 44 + row * ROW_GAP;
  const seats = Math.floor((Math.PI * radius) / SEAT_GAP);
  return Array.from({ length: seats }, (_, seat) => {
    const angle = Math.PI + ((seat + 0.5) / seats) * Math.PI;
    return { x: STAGE_X + radius * Math.cos(angle) * 1.35, y: STAGE_Y + radius * Math.sin(angle) };
  });
}

/** From 0 to 1, the same each time. */
function chance(id: number, index: number): number {
  const mixed = Math.imul((id + 1) * 7919 + index * 104_729, 2_654_435_761) >>> 0;
  return ((mixed ^ (mixed >>> 15)) % 1000) / 1000;
}
