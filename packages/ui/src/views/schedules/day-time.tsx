/** A time as "24 Nov, 18:03", for lists in the order of time; the exact one is at hand. */
import { formatDayAndClock, formatExactTime } from "../../format/times.ts";

/** @param at Unix milliseconds */
export function DayTime({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExactTime(at)} style={{ whiteSpace: "nowrap" }}>
      {formatDayAndClock(at)}
    </time>
  );
}
