import { ServerResponse } from 'node:http';
import type { Response } from 'express';

/** Of fixed length, because a list of arguments would be made for every reply. */
type Method = (this: Watched, first?: unknown, second?: unknown, third?: unknown) => ServerResponse;

const DONE = Symbol('what to do when the reply is made');
const WATCHED = Symbol('its replies tell when they are made');
interface Watched extends ServerResponse {
  [DONE]?: (() => void) | undefined;
  [WATCHED]?: true;
}

const { writeHead, end } = ServerResponse.prototype as unknown as { writeHead: Method; end: Method };

/**
 * Calls `done` once, when the reply is made: its head is written, and what follows is no work of ours. So neither a
 * client that reads slowly nor a stream keeps a place; one that goes away leaves its work behind, which is over when it
 * is answered all the same. To be called once for a reply. Who gives a reply methods of its own before Express has it
 * must not put aside both: one of `writeHead` and `end` has to be that of the reply's prototype.
 */
export function onAnswered(res: Response, done: () => void): void {
  const reply = res as unknown as Watched;
  if (!reply[WATCHED]) watch(Object.getPrototypeOf(res) as object);
  reply[DONE] = done;
}

/** On what all replies of an app share: five new members of each reply were 4 kB, an eighth of what a refusal took (2026-11-27). */
function watch(shared: object): void {
  const telling: { writeHead: Method; end: Method } = {
    writeHead(first, second, third) {
      tell(this);
      return writeHead.call(this, first, second, third);
    },
    // To a client that has gone, no head is written.
    end(first, second, third) {
      tell(this);
      return end.call(this, first, second, third);
    },
  };
  Object.assign(shared, telling, { [WATCHED]: true });
}

function tell(reply: Watched): void {
  const done = reply[DONE];
  reply[DONE] = undefined;
  done?.();
}
