/** A time as "24 Nov, 18:03", for lists in the order of time; the exact one is at hand. */
import { formatClock, formatDayAndClock, formatExactTime } from "../../format/times.ts";

const minuteMs = 60_000;

/** @param at Unix milliseconds */
export function DayTime({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExactTime(at)} style={{ whiteSpace: "nowrap" }}>
      {formatDayTime(at)}
    </time>
  );
}

/** With the seconds where there are some: what runs every few seconds would look the same each time. */
export function formatDayTime(at: number): string {
  return at % minuteMs < 1_000 ? formatDayAndClock(at) : `${formatDayAndClock(at)}${formatClock(at).slice(-3)}`;
}
