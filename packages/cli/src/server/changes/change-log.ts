/**
 * What changed lately, in order, for those who follow along and for those who come back.
 *
 * Invariants:
 * 1. Positions go up by one; who knows one gets everything behind it, or is told that this can't be had any more.
 * 2. It holds so many changes and no more, whoever follows.
 * 3. A position of another process is never taken for one of this.
 */
import { randomBytes } from "node:crypto";
import type { PlatformId } from "@millrace/db";
import type { Change } from "../contract/changes.ts";

export interface LoggedChange {
  position: number;
  platformId: PlatformId;
  change: Change;
}

export class ChangeLog {
  private readonly epoch = randomBytes(8).toString("hex");
  private readonly ring: LoggedChange[] = [];
  private readonly capacity: number;
  private readonly listeners = new Set<() => void>();
  private last = 0;

  constructor(capacity = 10_000) {
    this.capacity = capacity;
  }

  /** The position of the latest change; 0 where there is none yet. */
  get position(): number {
    return this.last;
  }

  append(platformId: PlatformId, change: Change): void {
    this.last += 1;
    this.ring[this.last % this.capacity] = { position: this.last, platformId, change };
    for (const listener of this.listeners) listener();
  }

  /** Changes behind a position, in order; null when some of them are gone. */
  readAfter(position: number, limit: number): LoggedChange[] | null {
    if (position < this.last - this.capacity) return null;
    const count = Math.min(limit, this.last - position);
    return Array.from({ length: count }, (_, index) => this.ring[(position + index + 1) % this.capacity]).filter(
      (logged) => logged !== undefined,
    );
  }

  /** A position as clients know it. */
  nameOf(position: number): string {
    return `${this.epoch}-${position}`;
  }

  /** The position of a name; null when there is no such position, or something behind it is gone. */
  find(name: string): number | null {
    const [, epoch, digits] = /^([0-9a-f]+)-(\d{1,15})$/.exec(name) ?? [];
    const position = Number(digits);
    const isKnown = epoch === this.epoch && position <= this.last && position >= this.last - this.capacity;
    return isKnown ? position : null;
  }

  /** Adds a listener for new changes; gives a function that removes it. */
  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
