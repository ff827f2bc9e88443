/**
 * Which limits executions wait for, and how many of those who wait may go on. It is a note in memory about what the
 * database says; nobody who waits is forgotten.
 *
 * Invariant: while somebody waits for a limit that has room, and is known to have it, that limit is let go or checked.
 */
import type { ConcurrencyLimits, Places } from "./concurrency-limits.ts";

/** All of them. */
const EVERYONE = 1_000_000_000;

export class Parking {
  /** Limits in whose name executions wait. */
  private readonly parked = new Set<string>();
  /** For how many of those who wait there is room now. */
  private freed = new Map<string, number>();
  /** Limits that were found full since those who wait were last let go. */
  private readonly parkedAnew = new Set<string>();
  /** Limits of which some were let go who may have found another limit full, and left the room to others. */
  private readonly toCheck = new Set<string>();
  private readonly limits: ConcurrencyLimits;

  constructor(limits: ConcurrencyLimits) {
    this.limits = limits;
  }

  /** Somebody waits for this limit. */
  park(name: string): void {
    this.parked.add(name);
    this.parkedAnew.add(name);
  }

  /** Lets go all who wait for this. */
  freeAll(waitsFor: string): void {
    if (waitsFor.startsWith("limit ")) this.parked.add(waitsFor);
    this.freed.set(waitsFor, EVERYONE);
  }

  /** Gives places back; those who wait for them may go on. */
  vacate(places: Places): void {
    for (const name of this.limits.vacate(places)) if (this.parked.has(name)) this.free(name, 1);
  }

  get hasFreed(): boolean {
    return this.freed.size > 0;
  }

  /** Takes note of all who may go on, by what they wait for, and lets `release` say how many there were. */
  async letGo(release: (freed: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, number>>): Promise<void> {
    const { freed } = this;
    this.freed = new Map();
    this.parkedAnew.clear();
    try {
      for (const [waitsFor, count] of await release(freed)) {
        if (count > 0 || this.parkedAnew.has(waitsFor)) this.toCheck.add(waitsFor);
        else this.forget(waitsFor);
      }
    } catch (error) {
      for (const [waitsFor, count] of freed) this.free(waitsFor, count);
      throw error;
    }
  }

  /** Lets others go where those who were let go have not taken the room: they wait for another limit, or are cancelled. */
  passOnRoom(): void {
    for (const name of this.toCheck) {
      const room = this.parked.has(name) ? this.limits.roomOf(name) : 0;
      if (room > 0) this.free(name, room);
    }
    this.toCheck.clear();
  }

  private free(waitsFor: string, count: number): void {
    this.freed.set(waitsFor, (this.freed.get(waitsFor) ?? 0) + count);
  }

  private forget(waitsFor: string): void {
    this.parked.delete(waitsFor);
    this.limits.forget(waitsFor);
  }
}
