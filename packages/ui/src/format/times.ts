/** Times and durations in words. Times are Unix milliseconds; they are shown in the browser's time zone. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** "Tue, 4 Mar 2025, 09:15:02 CET". */
export function formatExactTime(at: number): string {
  return exact.format(at);
}

/** "09:15:02". */
export function formatClock(at: number): string {
  return clock.format(at);
}

/** "4 Mar, 09:15". */
export function formatDayAndClock(at: number): string {
  return dayAndClock.format(at);
}

/** "12 s ago", "in 3 min", "2 h ago"; a date for what is more than a month away. */
export function formatRelativeTime(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < second) return "now";
  if (distance >= 30 * day) return date.format(at);
  const amount = largestUnit(distance);
  return at > now ? `in ${amount}` : `${amount} ago`;
}

function largestUnit(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} days`;
}

/** "85 ms", "3.4 s", "2 min 5 s", "1 h 12 min", "3 d 4 h". */
export function formatDuration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * second) return `${(ms / second).toFixed(1)} s`;
  if (ms < minute) return `${Math.round(ms / second)} s`.replace("60 s", "1 min");
  if (ms < hour) return twoUnits(ms, minute, "min", second, "s");
  if (ms < day) return twoUnits(ms, hour, "h", minute, "min");
  return twoUnits(ms, day, "d", hour, "h");
}

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const whole = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}

/** A time as a `datetime-local` field holds it: local, to the minute. */
export function toLocalField(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * minute);
  return local.toISOString().slice(0, 16);
}

/** What a `datetime-local` field holds as a time; null for an empty or unfinished one. */
export function fromLocalField(value: string): number | null {
  const at = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
