/** A clock that stands still until it is told to move. */
import type { Clock } from "../clock.ts";

interface FakeTimer {
  at: number;
  order: number;
  callback: () => void;
}

export class FakeClock implements Clock {
  private current: number;
  private readonly timers = new Set<FakeTimer>();
  private created = 0;
  private passed = 0;

  /** @param start Unix milliseconds, or ISO 8601. Default 2026-01-01T00:00:00Z. */
  constructor(start: number | string = "2026-01-01T00:00:00Z") {
    this.current = typeof start === "number" ? start : Date.parse(start);
    if (!Number.isFinite(this.current)) throw new RangeError(`"${start}" is not a time such as 2026-01-01T00:00:00Z.`);
  }

  now(): number {
    return this.current;
  }

  /** Time that was passed by `advance` or `jumpTo`, as far as it went forward. */
  elapsed(): number {
    return this.passed;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    this.created += 1;
    if (delayMs <= 0) {
      // What is due already needs no time to pass.
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = { at: this.current + delayMs, order: this.created, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** When the earliest timer fires, in Unix milliseconds; null when there is none. */
  get nextTimerAt(): number | null {
    return this.earliest()?.at ?? null;
  }

  /** How many timers were ever set: a way to see that something has happened. */
  get timersSet(): number {
    return this.created;
  }

  /** Moves the time, forward or back, and fires nothing. */
  jumpTo(time: number): void {
    this.passed += Math.max(0, time - this.current);
    this.current = time;
  }

  /** Sets the clock on the wall to another time, as an administrator would: no time passes. */
  setTo(time: number): void {
    this.current = time;
  }

  /** Moves to the earliest timer, if it is due by `until`, and fires it; gives whether it did. */
  fireNext(until: number): boolean {
    const timer = this.earliest();
    if (!timer || timer.at > until) return false;
    this.timers.delete(timer);
    this.jumpTo(Math.max(this.current, timer.at));
    timer.callback();
    return true;
  }

  private earliest(): FakeTimer | null {
    let first: FakeTimer | null = null;
    for (const timer of this.timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}
