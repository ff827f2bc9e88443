/**
 * Time zones, as Intl knows them. An instant is Unix milliseconds. A wall-clock time is what the clocks of a zone show,
 * as the Unix milliseconds at which they would show it in UTC: `wall = instant + offset`.
 */
import { BoundedCache } from "./bounded-cache.ts";

const HOUR = 3_600_000;
/** No clock is farther from UTC than this, so the instants of a wall-clock time lie within it. */
const FARTHEST_OFFSET = 16 * HOUR;
const formats = new BoundedCache<Intl.DateTimeFormat>(1_000);

/** Whether there is a time zone of this IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** By how many milliseconds the clocks of a zone are ahead of UTC at an instant. @throws RangeError for unknown zones */
export function offsetAt(zone: string, instant: number): number {
  const second = Math.floor(instant / 1_000) * 1_000;
  const [month, day, year, hour, minute, seconds] = formatOf(zone).format(second).split(/\D+/).map(Number);
  if (year === undefined || month === undefined) throw new RangeError(`${instant} is not a time in ${zone}.`);
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second;
}

/** What the clocks of a zone show, with the offset: "2026-03-29T03:00:00+02:00". @throws RangeError for unknown zones */
export function formatLocal(zone: string, instant: number): string {
  const offset = offsetAt(zone, instant);
  const minutes = Math.floor(Math.abs(offset) / 60_000);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  const sign = offset < 0 ? "-" : "+";
  return `${new Date(instant + offset).toISOString().slice(0, 19)}${sign}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

/** When the clocks of a zone show a time. A gap and an overlap end where the wall clock shows `endWall`. */
export type Instants =
  | { kind: "single"; at: number }
  /** Never: the clocks go forward over it at `change`. */
  | { kind: "gap"; change: number; endWall: number }
  /** Twice: the clocks go back over it at `change`; they then show `startWall`. */
  | { kind: "overlap"; first: number; last: number; change: number; startWall: number; endWall: number };

/**
 * When the clocks of a zone show a wall-clock time. Assumes that they change at most once in 32 hours.
 * @param wall in whole seconds
 * @throws RangeError for unknown zones
 */
export function instantsOf(zone: string, wall: number): Instants {
  const before = offsetAt(zone, wall - FARTHEST_OFFSET);
  const after = offsetAt(zone, wall + FARTHEST_OFFSET);
  const early = wall - before;
  if (before === after) return { kind: "single", at: early };
  const late = wall - after;
  const isEarly = offsetAt(zone, early) === before;
  const isLate = offsetAt(zone, late) === after;
  if (isEarly && !isLate) return { kind: "single", at: early };
  if (isLate && !isEarly) return { kind: "single", at: late };
  const change = findChange(zone, Math.min(early, late), Math.max(early, late));
  if (!isEarly) return { kind: "gap", change, endWall: change + after };
  return {
    kind: "overlap",
    first: early,
    last: late,
    change,
    startWall: change + after,
    endWall: change + before,
  };
}

/** The first second after `from`, and not after `until`, that has another offset than `from`. */
function findChange(zone: string, from: number, until: number): number {
  const offset = offsetAt(zone, from);
  let same = from;
  let other = until;
  while (other - same > 1_000) {
    const middle = same + Math.floor((other - same) / 2_000) * 1_000;
    if (offsetAt(zone, middle) === offset) same = middle;
    else other = middle;
  }
  return other;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  return formats.get(
    zone,
    () =>
      new Intl.DateTimeFormat("en-US", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      }),
  );
}
