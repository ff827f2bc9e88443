/**
 * Tells a delivery from its replay. What is signed is an id, a time and a body; an attacker who has seen a delivery can
 * send it again, with other signatures beside the good one, as long as its time is near enough.
 *
 * Invariants:
 * 1. One delivery (source, id and time) is let through once. A sender who tries again signs a new time.
 * 2. A delivery that could not be kept may be tried again as it is.
 * 3. A delivery is remembered for as long as its time would be good.
 */
import type { Clock } from "@millrace/agent";
import { RefusedError } from "../problem.ts";

/** Times within five minutes are good, both ways. */
const REMEMBERED_MS = 2 * 5 * 60 * 1_000 + 1_000;

export class WebhookDeliveries {
  private readonly clock: Clock;
  /** When each was let through, the oldest first. */
  private readonly seen = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Does `work` for a delivery that is here for the first time. @throws RefusedError for a replay; what `work` throws */
  async once<Result>(delivery: readonly [source: string, id: string, timestamp: number], work: () => Promise<Result>) {
    this.forgetOld();
    const key = JSON.stringify(delivery);
    if (this.seen.has(key)) {
      throw new RefusedError("conflict", "This very delivery was here before. Sign a new time to send it again.");
    }
    this.seen.set(key, this.clock.now());
    try {
      return await work();
    } catch (error) {
      this.seen.delete(key);
      throw error;
    }
  }

  private forgetOld(): void {
    const before = this.clock.now() - REMEMBERED_MS;
    for (const [key, at] of this.seen) {
      if (at >= before) return;
      this.seen.delete(key);
    }
  }
}
