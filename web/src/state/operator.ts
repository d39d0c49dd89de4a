import type { Session } from './session';

/** Not among what a fan who signs out forgets: an operator may look at the fans' pages in the same browser. */
const STORED = 'frontrow-operator';
const OPERATOR_PATH = /^\/ops(\/|$)/;

/** Whether an address is one of the operators' pages, which are another program than the fans'. */
export function isOperatorPath(address: string): boolean {
  return OPERATOR_PATH.test(address);
}

export function readOperator(): Session | undefined {
  const stored = localStorage.getItem(STORED);
  return stored ? (JSON.parse(stored) as Session) : undefined;
}

export function storeOperator(session: Session | undefined): void {
  if (session) localStorage.setItem(STORED, JSON.stringify(session));
  else localStorage.removeItem(STORED);
}
