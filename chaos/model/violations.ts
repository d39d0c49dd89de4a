/** `lost`: an acknowledged effect is not there; `doubled`: it is there twice; `wrong`: a reply that cannot be true. */
export type Fault = 'lost' | 'doubled' | 'undecided' | 'wrong';

export interface Violation {
  fault: Fault;
  sentence: string;
}

export type Violated = (fault: Fault, sentence: string) => void;

/** The clock of the database is the clock of this machine; between reading it and an event lie a few milliseconds. */
export const CLOCK_SLACK_MS = 50;
