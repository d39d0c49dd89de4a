/** Ticket numbers of those who left before their turn, ascending, each greater than the last number served. */
export type Departed = readonly number[];

/**
 * The place of a waiting ticket: 1 = next. Tickets are numbered without gaps, so those ahead are all numbers between
 * the last one served and this one, less those who left. O(log n) in the departures, whatever the length of the queue.
 */
export function positionOf(ticketNo: number, servedTicketNo: number, departed: Departed): number {
  return ticketNo - servedTicketNo - countBelow(departed, ticketNo);
}

/** Whether this ticket is among those who left. */
export function hasDeparted(ticketNo: number, departed: Departed): boolean {
  return departed[countBelow(departed, ticketNo)] === ticketNo;
}

/** The departures with the new ones merged in and those dropped that the line has passed. Keeps the order. */
export function mergeDepartures(departed: Departed, added: readonly number[], servedTicketNo: number): number[] {
  const kept = departed.slice(countBelow(departed, servedTicketNo + 1));
  const fresh = added.filter((ticketNo) => ticketNo > servedTicketNo && !hasDeparted(ticketNo, kept));
  return fresh.length === 0 ? kept : [...kept, ...fresh].sort((a, b) => a - b);
}

/** How many numbers in an ascending list are smaller than `limit`: a binary search. */
export function countBelow(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
