import { useSignal } from '@preact/signals';
import { number } from '../i18n/format';
import { t } from '../i18n/messages';
import type { SeatBoard } from '../state/seat-board';
import { groupBy, type Layout, type PlacedSeat } from './layout';
import { describe, stateIn } from './seat-map';
import { rowsOf } from './together';

interface Props {
  board: SeatBoard;
  layout: Layout;
}

/** The same seats as the map has, as a list: for screen readers, and for whoever likes lists. */
export function SeatList({ board, layout }: Props) {
  const open = useSignal(false);
  return (
    <details class="seat-list" onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>{t().seats.list}</summary>
      {open.value && (
        <>
          <p class="note">{t().seats.listHelp}</p>
          <Zones board={board} layout={layout} />
        </>
      )}
    </details>
  );
}

function Zones({ board, layout }: Props) {
  const zones = [...groupBy(rowsOf(layout), (row) => row[0]!.zone)];
  if (zones.length === 1) return <Rows board={board} rows={zones[0]![1]} />;
  return (
    <>
      {zones.map(([name, rows]) => (
        <Zone key={name} board={board} name={name} rows={rows} />
      ))}
    </>
  );
}

/** What is closed is not made: a large hall has thousands of seats. */
function Zone({ board, name, rows }: { board: SeatBoard; name: string; rows: PlacedSeat[][] }) {
  const open = useSignal(false);
  return (
    <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>{t().seats.zone(name)}</summary>
      {open.value && <Rows board={board} rows={rows} />}
    </details>
  );
}

function Rows({ board, rows }: { board: SeatBoard; rows: PlacedSeat[][] }) {
  return (
    <>
      {rows.map((row) => (
        <Row key={row[0]!.row} board={board} row={row} />
      ))}
    </>
  );
}

function Row({ board, row }: { board: SeatBoard; row: PlacedSeat[] }) {
  const open = useSignal(false);
  const left = row.filter(({ id }) => board.free.value.has(id)).length;
  return (
    <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>{t().seats.rowFree(row[0]!.row, number(left))}</summary>
      {open.value && (
        <ul class="seat-buttons">
          {row.map((seat) => (
            <SeatButton key={seat.id} board={board} seat={seat} />
          ))}
        </ul>
      )}
    </details>
  );
}

function SeatButton({ board, seat }: { board: SeatBoard; seat: PlacedSeat }) {
  const state = stateIn(board)(seat);
  return (
    <li>
      <button
        type="button"
        class={state}
        aria-label={describe(seat, state)}
        aria-pressed={state === 'chosen'}
        disabled={state === 'taken' || state === 'mine'}
        onClick={() => board.toggle(seat)}
      >
        {seat.number}
      </button>
    </li>
  );
}
