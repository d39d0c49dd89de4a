import type { Violated } from './violations';

interface Account {
  /** Of everything acknowledged. */
  sum: number;
  /** Asked for and not known: each may have happened, or may happen yet. */
  open: Map<string, number>;
  done: Set<string>;
}

/** What every balance can be, by acknowledged replies and by requests whose replies were lost. */
export class Money {
  readonly accounts = new Map<number, Account>();

  constructor(private readonly violated: Violated) {}

  private of(userId: number): Account {
    const account = this.accounts.get(userId) ?? { sum: 0, open: new Map(), done: new Set() };
    this.accounts.set(userId, account);
    return account;
  }

  /** A movement was asked for. `name` stands for its one effect; asking again changes nothing. */
  asked(userId: number, name: string, amount: number): void {
    const account = this.of(userId);
    if (!account.done.has(name)) account.open.set(name, amount);
  }

  done(userId: number, name: string, amount: number): void {
    const account = this.of(userId);
    account.open.delete(name);
    if (account.done.has(name)) return;
    account.done.add(name);
    account.sum += amount;
  }

  /** It did not happen and never will. */
  refused(userId: number, name: string): void {
    this.of(userId).open.delete(name);
  }

  saw(userId: number, balance: number): void {
    const possible = [...this.possible(userId)];
    if (possible.includes(balance)) return;
    const fault = balance < Math.min(...possible) ? 'lost' : balance > Math.max(...possible) ? 'doubled' : 'wrong';
    this.violated(fault, `user ${userId} has ${balance}, which can only be ${possible.slice(0, 8).join(' or ')}`);
  }

  /** Whether the balance covers the price whatever became of the open movements. */
  surelyCovers(userId: number, price: number): boolean {
    return Math.min(...this.possible(userId)) >= price;
  }

  private possible(userId: number): Set<number> {
    const { sum, open } = this.of(userId);
    let balances = new Set([sum]);
    for (const amount of open.values()) {
      balances = new Set([...balances].flatMap((balance) => [balance, balance + amount]));
    }
    return balances;
  }
}
