import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { money } from '../i18n/format';
import { t } from '../i18n/messages';
import type { SeatBoard } from '../state/seat-board';
import { webConfig } from '../state/session';
import { createSeatCanvas, type SeatCanvas } from './canvas';
import type { Layout, PlacedSeat } from './layout';
import type { SeatState } from './painter';

const ZOOM_STEP = 1.5;
const PAN_PIXELS = 80;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Props {
  board: SeatBoard;
  layout: Layout;
}

/** The map of the seats: by mouse, fingers or keyboard. */
export function SeatMap({ board, layout }: Props) {
  const root = useRef<SVGSVGElement>(null);
  const canvas = useRef<SeatCanvas>(undefined);
  const pointed = useSignal<PlacedSeat | undefined>(undefined);
  useEffect(() => {
    const onTap = (seat: PlacedSeat) => board.toggle(seat);
    const drawn = createSeatCanvas(root.current!, layout, { stageName: t().seats.stage, onTap });
    canvas.current = drawn;
    return () => drawn.close();
  }, [layout]);
  useSignalEffect(() => {
    const stateOf = stateIn(board);
    canvas.current?.paint(stateOf);
  });
  useSignalEffect(() => canvas.current?.point(pointed.value));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event, canvas.current!, board, layout, pointed)) event.preventDefault();
  };
  return (
    <div class="map">
      <div
        class="map-frame"
        role="application"
        aria-label={t().seats.map}
        aria-describedby="map-help"
        // The keyboard's way over the map: what is under the cursor is said below.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => (pointed.value = undefined)}
      >
        <svg ref={root} aria-hidden="true" />
        <div class="visually-hidden" aria-live="polite">
          {pointed.value && describe(pointed.value, stateIn(board)(pointed.value))}
        </div>
      </div>
      {pointed.value && (
        <p class="pointed" aria-hidden="true">
          {describe(pointed.value, stateIn(board)(pointed.value))}
        </p>
      )}
      <p id="map-help" class="visually-hidden">
        {t().seats.mapHelp}
      </p>
      <div class="map-tools">
        <button type="button" aria-label={t().seats.zoomIn} onClick={() => canvas.current!.zoom(ZOOM_STEP)}>
          +
        </button>
        <button type="button" aria-label={t().seats.zoomOut} onClick={() => canvas.current!.zoom(1 / ZOOM_STEP)}>
          −
        </button>
        <button type="button" aria-label={t().seats.fit} onClick={() => canvas.current!.fit()}>
          ⤢
        </button>
      </div>
    </div>
  );
}

/** How each seat looks at this moment. */
export function stateIn(board: SeatBoard): (seat: PlacedSeat) => SeatState {
  const [free, mine] = [board.free.value, board.mine.value];
  const chosen = new Set(board.chosen.value);
  return (seat) => (chosen.has(seat) ? 'chosen' : free.has(seat.id) ? 'free' : mine.has(seat.id) ? 'mine' : 'taken');
}

/** What a key does; `false` for one that means nothing here. */
function press(
  event: KeyboardEvent,
  canvas: SeatCanvas,
  board: SeatBoard,
  layout: Layout,
  pointed: { value: PlacedSeat | undefined },
): boolean {
  const arrow = ARROWS[event.key];
  if (arrow && event.shiftKey) canvas.pan(-arrow[0] * PAN_PIXELS, -arrow[1] * PAN_PIXELS);
  else if (arrow)
    pointed.value = pointed.value ? (canvas.next(pointed.value, ...arrow) ?? pointed.value) : firstOf(layout, board);
  else if ((event.key === 'Enter' || event.key === ' ') && pointed.value) board.toggle(pointed.value);
  else if (event.key === '+' || event.key === '=') canvas.zoom(ZOOM_STEP);
  else if (event.key === '-') canvas.zoom(1 / ZOOM_STEP);
  else if (event.key === '0') canvas.fit();
  else return false;
  return true;
}

/** Where the keyboard comes in: the free seat that is nearest to the front. */
function firstOf(layout: Layout, board: SeatBoard): PlacedSeat | undefined {
  const { x, y } = layout.front;
  const away = (seat: PlacedSeat) => Math.hypot(seat.x - x, seat.y - y);
  const free = layout.seats.filter(({ id }) => board.free.value.has(id));
  return free.reduce<PlacedSeat | undefined>(
    (best, seat) => (!best || away(seat) < away(best) ? seat : best),
    undefined,
  );
}

/** A seat in words. */
export function describe(seat: PlacedSeat, state: SeatState): string {
  const texts = t().seats;
  const states = { free: texts.stateFree, taken: texts.stateTaken, chosen: texts.stateChosen, mine: texts.stateMine };
  return `${texts.seat(seat.location, money(seat.price, webConfig.value!.currency))}, ${states[state]}`;
}
