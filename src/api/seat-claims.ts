import { Refusal } from '../errors';

/** The seats that requests in this process are taking at this moment. */
export interface SeatClaims {
  /** Claims all or none. Throws 409 `seat_contended` at once if one is claimed; returns how to give them back. */
  claim(seatIds: readonly number[]): () => void;
}

/** Refuses contention inside one process before it costs a connection; between processes the row locks decide. */
export function createSeatClaims(): SeatClaims {
  const claimed = new Set<number>();
  return {
    claim: (seatIds) => {
      if (seatIds.some((id) => claimed.has(id))) {
        throw new Refusal('seat_contended', 'Somebody else is taking one of these seats right now.');
      }
      for (const id of seatIds) claimed.add(id);
      return () => {
        for (const id of seatIds) claimed.delete(id);
      };
    },
  };
}
