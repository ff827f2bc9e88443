/** Random numbers by name: each concern of a world draws from its own stream, so that one does not move another. */
import { SeededRandom } from "../crash/seeded-random.ts";

export class RandomStream extends SeededRandom {
  /** One of the choices, each as likely as its weight. */
  weighted<Choice extends string>(weights: Readonly<Record<Choice, number>>): Choice {
    // Object.entries forgets which keys an object of known keys has.
    const entries = Object.entries(weights) as [Choice, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of entries) {
      left -= weight;
      if (left < 0) return choice;
    }
    throw new RangeError("there is nothing to choose from");
  }

  /** One of a list that is not empty. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.between(0, items.length - 1)];
    if (item === undefined) throw new RangeError("there is nothing to pick from");
    return item;
  }

  /** 16 bytes, for ids. */
  bytes(): Uint8Array {
    return Uint8Array.from({ length: 16 }, () => this.between(0, 255));
  }
}

/** The stream of this name in the world of this seed. */
export function streamOf(seed: number, name: string): RandomStream {
  // FNV-1a: neighbouring seeds and names must lead to streams that have nothing in common.
  let hash = 0x811c9dc5;
  for (const character of `${seed} ${name}`) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return new RandomStream(hash);
}
