import { createHash } from 'node:crypto';

/** Choices that follow from a seed alone. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** By weight; none with weight 0. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
  /** A stream of its own: what others draw, and when, does not change it. */
  fork(name: string): Random;
}

export function randomFrom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new Error('nothing to pick from');
      return items[Math.floor(next() * items.length)]!;
    },
    weighted: (weights) => {
      const entries = Object.entries<number>(weights) as [keyof typeof weights, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) if ((left -= weight) < 0) return name;
      throw new Error('every weight is 0');
    },
    fork: (name) => randomFrom(`${seed}/${name}`),
  };
}
