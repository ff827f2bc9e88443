/**
 * The time of a simulated world. True time only goes forward, also while no process lives; what a process reads is the
 * clock on the wall, which somebody may set. Timers follow true time, as those of an operating system do.
 */
import type { Clock } from "@millrace/agent";

export class SimulatedTime {
  /** True time in milliseconds since the world began. */
  elapsed = 0;
  private wallOffset: number;

  /** @param start what the clock on the wall shows at first, in Unix milliseconds */
  constructor(start: number) {
    this.wallOffset = start;
  }

  /** What the clock on the wall shows, in Unix milliseconds. */
  get wall(): number {
    return this.elapsed + this.wallOffset;
  }

  /** Sets the clock on the wall forward, or back. */
  setWallBy(milliseconds: number): void {
    this.wallOffset += milliseconds;
  }
}

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

/** The clock of one process: its timers die with it. */
export class ProcessClock implements Clock {
  private readonly time: SimulatedTime;
  private readonly timers = new Set<Timer>();
  /** How many timers were ever set: a sign of life. */
  timersSet = 0;

  constructor(time: SimulatedTime) {
    this.time = time;
  }

  now(): number {
    return this.time.wall;
  }

  elapsed(): number {
    return this.time.elapsed;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    this.timersSet += 1;
    if (delayMs <= 0) {
      // What is due already needs no time to pass.
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = { at: this.time.elapsed + delayMs, order: this.timersSet, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Lets time pass up to the earliest timer, if it fires by `until` (true time), and fires it; gives whether it did. */
  fireNext(until: number): boolean {
    let first: Timer | null = null;
    for (const timer of this.timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    if (!first || first.at > until) return false;
    this.timers.delete(first);
    this.time.elapsed = Math.max(this.time.elapsed, first.at);
    first.callback();
    return true;
  }
}
