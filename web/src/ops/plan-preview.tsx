import type { Layer } from './plan-file';

/** Across a seat, and around all of them. */
const SEAT_PX = 20;
const MARGIN_PX = 30;

/** The seats of a plan in the colours of their categories: enough to see that it is the right one. */
export function PlanPreview({ layers }: { layers: readonly Layer[] }) {
  const seats = layers.flatMap((layer) => layer.seats);
  if (seats.length === 0) return null;
  const extent = (axis: 'x' | 'y') => {
    let [low, high] = [Infinity, -Infinity];
    for (const seat of seats) [low, high] = [Math.min(low, seat[axis]), Math.max(high, seat[axis])];
    return { low: low - MARGIN_PX, length: high - low + 2 * MARGIN_PX };
  };
  const [x, y] = [extent('x'), extent('y')];
  return (
    <svg class="plan-preview" viewBox={`${x.low} ${y.low} ${x.length} ${y.length}`} aria-hidden="true">
      {layers.map(({ color, seats: of }, index) => (
        <path
          key={index}
          {...(color ? { style: { stroke: color } } : {})}
          stroke-width={SEAT_PX}
          d={of.map((seat) => `M${seat.x} ${seat.y}h0`).join('')}
        />
      ))}
    </svg>
  );
}
