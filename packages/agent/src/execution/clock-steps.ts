/**
 * Notices when the clock on the wall is set. What is counted from a time before that has not really passed, or has passed
 * already: a wait that must not be cut short is begun anew.
 */
import type { Clock } from "../clock.ts";

/** Clocks are corrected by a little all the time. */
const TOLERANCE_MS = 1_000;

export class ClockSteps {
  private readonly clock: Clock;
  private offset: number;
  private since: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.since = clock.now();
    this.offset = this.since - clock.elapsed();
  }

  /** Since when the clock is known not to have been set, in Unix milliseconds: at the earliest since this was made. */
  get steadySince(): number {
    const now = this.clock.now();
    const offset = now - this.clock.elapsed();
    if (Math.abs(offset - this.offset) > TOLERANCE_MS) this.since = now;
    this.offset = offset;
    return this.since;
  }
}
