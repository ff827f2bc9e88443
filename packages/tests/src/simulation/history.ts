/** What happened in a world, line by line, and what it amounts to. */
import { createHash } from "node:crypto";

export class History {
  private readonly hash = createHash("sha256");
  private readonly listener: ((line: string) => void) | null;
  length = 0;

  /** @param listener is told each line */
  constructor(listener: ((line: string) => void) | null = null) {
    this.listener = listener;
  }

  add(line: string): void {
    this.length += 1;
    this.hash.update(`${line}\n`);
    this.listener?.(line);
  }

  /** The same for two worlds only when every line is. */
  digest(): string {
    return this.hash.copy().digest("hex");
  }
}

/** Counts by name; adding two tallies of two worlds gives that of both. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add(name: string, count = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + count;
  }

  merge(counts: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(counts)) this.add(name, count);
  }

  /** The counts whose names begin with a group's, without it, in the order of the names. */
  group(prefix: string): [string, number][] {
    return Object.entries(this.counts)
      .filter(([name]) => name.startsWith(`${prefix} `))
      .map(([name, count]): [string, number] => [name.slice(prefix.length + 1), count])
      .toSorted(([one], [other]) => one.localeCompare(other));
  }

  sum(prefix: string): number {
    return this.group(prefix).reduce((total, [, count]) => total + count, 0);
  }
}
