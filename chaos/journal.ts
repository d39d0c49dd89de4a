import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** What kind of success shows that a fault is over: without Temporal or workers, all but payments go on. */
export type Sign = 'effect' | 'payment';

/** Everything that happened, line by line in a file, and the counts for the report. */
export class Journal {
  readonly faults: Record<string, number> = {};
  /** Processes that ended without being killed, by reason. */
  readonly deaths: Record<string, number> = {};
  readonly replies: Record<string, number> = {};
  readonly recoveriesMs: Record<string, number[]> = {};
  requests = 0;
  private readonly file: WriteStream;
  private readonly recovering = new Map<string, { sign: Sign; endedMs: number }>();

  constructor(readonly path: string) {
    this.file = createWriteStream(path);
  }

  note(what: string, about: object = {}): void {
    this.file.write(`${JSON.stringify({ at: new Date().toISOString(), what, ...about })}\n`);
  }

  fault(kind: string, about: object = {}): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
    this.note('fault', { kind, ...about });
  }

  died(name: string, reason: string): void {
    const kind = `${name} (${reason})`;
    this.deaths[kind] = (this.deaths[kind] ?? 0) + 1;
    this.note('died', { name, reason });
  }

  /** `outcome` is a status, a code, or that there was none. */
  request(operationId: string, outcome: string, about: object): void {
    this.requests += 1;
    this.replies[outcome] = (this.replies[outcome] ?? 0) + 1;
    this.note(operationId, { outcome, ...about });
  }

  /** A fault has ended; its recovery lasts until the next success that shows it. One that came before it still counts. */
  ended(kind: string, sign: Sign): void {
    if (!this.recovering.has(kind)) this.recovering.set(kind, { sign, endedMs: performance.now() });
    this.note('ended', { kind });
  }

  succeeded(sign: Sign): void {
    for (const [kind, { sign: wanted, endedMs }] of this.recovering) {
      if (wanted === 'payment' && sign !== 'payment') continue;
      (this.recoveriesMs[kind] ??= []).push(performance.now() - endedMs);
      this.recovering.delete(kind);
    }
  }

  async close(): Promise<void> {
    this.file.end();
    await finished(this.file);
  }
}
