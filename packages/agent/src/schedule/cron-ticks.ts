/**
 * When a cron expression fires in a time zone. croner says which wall-clock times match; here they become instants.
 *
 * 1. A wall-clock time that the clocks show once fires then.
 * 2. A fixed time (no wildcard or step in seconds, minutes or hours) follows the policy: in a gap it fires at the end of
 *    the gap, even if that is the next day, or not at all; in an overlap at its first occurrence, its last, or both.
 * 3. All other expressions are a rhythm: they fire at both occurrences, and not in a gap. The policy is not for them.
 * 4. Two times never give two ticks at one instant.
 */
import type { ParsedCron } from "./cron-expression.ts";
import type { DstPolicy } from "./dst-policy.ts";
import { instantsOf, offsetAt, type Instants } from "./time-zone.ts";

/** croner ends with the year 9999, Intl a good deal later. */
const LAST_INSTANT = Date.UTC(9999, 11, 30);
const FIRST_INSTANT = Date.UTC(1900, 0, 1);

export interface CronTick {
  /** Unix milliseconds. */
  at: number;
  /** What a change of the clocks did to it: moved out of a gap, or it is one of the two occurrences of its time. */
  change: "shifted" | "repeated-first" | "repeated-last" | null;
  /** The policy dropped a time in a gap just before it. */
  afterSkipped: boolean;
}

/** A cron expression in a time zone. */
export interface ZonedCron {
  readonly cron: ParsedCron;
  readonly timezone: string;
  readonly dst: DstPolicy;
}

/** The first tick strictly after an instant; null after the year 9999. @throws RangeError for unknown zones */
export function nextCronTick(zoned: ZonedCron, after: number): CronTick | null {
  if (after >= LAST_INSTANT) return null;
  const from = Math.floor(Math.max(after, FIRST_INSTANT) / 1_000) * 1_000;
  const wall = from + offsetAt(zoned.timezone, from);
  const next = walk(zoned, wall, from);
  // In the first pass of an overlap the clocks show this hour once more, and times that have passed come again.
  const now = instantsOf(zoned.timezone, wall);
  if (now.kind !== "overlap" || from !== now.first) return next;
  const again = walk(zoned, now.startWall - 1_000, from);
  return next && (!again || next.at <= again.at) ? next : again;
}

/** Goes through the matching wall-clock times after `wall` until one fires after `after`. */
function walk(zoned: ZonedCron, wall: number, after: number): CronTick | null {
  let afterSkipped = false;
  let next = zoned.cron.nextWall(wall);
  while (next !== null) {
    const instants = instantsOf(zoned.timezone, next);
    const tick = ticksOf(zoned, instants).find(({ at }) => at > after);
    if (tick) return { ...tick, afterSkipped };
    afterSkipped ||= instants.kind === "gap" && zoned.cron.isFixedTime;
    // What is true of this time is true of all others in the same gap or overlap.
    next = zoned.cron.nextWall(instants.kind === "single" ? next : instants.endWall - 1_000);
  }
  return null;
}

type Firing = Pick<CronTick, "at" | "change">;

/** When a matching wall-clock time fires, in order. */
function ticksOf({ cron, dst, timezone }: ZonedCron, instants: Instants): Firing[] {
  switch (instants.kind) {
    case "single":
      return [{ at: instants.at, change: null }];
    case "gap": {
      if (!cron.isFixedTime || dst.gap === "skip") return [];
      const { change: at } = instants;
      // The end of the gap may match by itself: then nothing was moved there that would not have run.
      return [{ at, change: cron.matchesWall(at + offsetAt(timezone, at)) ? null : "shifted" }];
    }
    case "overlap": {
      const first: Firing = { at: instants.first, change: "repeated-first" };
      const last: Firing = { at: instants.last, change: "repeated-last" };
      if (!cron.isFixedTime || dst.overlap === "both") return [first, last];
      return [dst.overlap === "first" ? first : last];
    }
  }
}
