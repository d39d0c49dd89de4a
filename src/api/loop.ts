import type { Logger } from 'pino';

export interface Loop {
  /** Begins; resolves after the first turn that succeeded. */
  start(): Promise<void>;
  /** Asks for a turn before its time; asking again before it has begun asks for nothing more. */
  soon(): void;
  /** Ends the turns and waits for the one under way. */
  close(): Promise<void>;
}

interface LoopOptions {
  /** As the log names it. */
  name: string;
  /** From the beginning of one turn to that of the next, unless one is asked for. */
  everyMs: number;
  /** The rest after a turn, however many are asked for. */
  restMs: (tookMs: number) => number;
  work: () => Promise<void>;
  logger: Logger;
}

/** Runs `work` again and again, never twice at once. Logs when it begins to fail and when it is well again. */
export function createLoop({ name, everyMs, restMs, work, logger }: LoopOptions): Loop {
  let timer: NodeJS.Timeout | undefined;
  let started = false;
  let underWay: Promise<void> | undefined;
  let restedAtMs = 0;
  let wanted = false;
  let closed = false;
  let failing = false;
  let onSuccess = (): void => {};

  const attempt = async (): Promise<void> => {
    try {
      await work();
      if (failing) logger.info(`${name} works again`);
      failing = false;
      onSuccess();
    } catch (error) {
      if (!failing) logger.warn({ err: error }, `${name} fails; trying again`);
      failing = true;
    }
  };
  const turn = async (): Promise<void> => {
    const startedMs = performance.now();
    wanted = false;
    await attempt();
    underWay = undefined;
    const endedMs = performance.now();
    restedAtMs = endedMs + restMs(endedMs - startedMs);
    schedule(wanted ? restedAtMs : Math.max(startedMs + everyMs, restedAtMs));
  };
  const schedule = (atMs: number): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void (underWay = turn()), Math.max(0, atMs - performance.now()));
  };
  return {
    start: () =>
      new Promise((resolve) => {
        onSuccess = resolve;
        started = true;
        underWay = turn();
      }),
    soon: () => {
      // Whatever is changed during a turn may have come too late for it.
      if (started && !wanted && !underWay) schedule(restedAtMs);
      wanted = true;
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
