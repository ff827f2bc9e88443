/** How long something took, or takes so far. */
import { formatDuration } from "../format/times.ts";
import { usePresentWords } from "../services/present.ts";

export interface DurationTextProps {
  /** Unix milliseconds. */
  from: number | null;
  /** Null while it still goes on. */
  until: number | null;
}

export function DurationText({ from, until }: DurationTextProps) {
  if (from === null) return <span className="soft">–</span>;
  if (until !== null) return <span className="numbers">{formatDuration(until - from)}</span>;
  return <GrowingDuration from={from} />;
}

function GrowingDuration({ from }: { from: number }) {
  // Whole seconds: it is looked at once a second.
  const words = usePresentWords((now) => formatDuration(Math.max(0, Math.floor((now - from) / 1_000) * 1_000)));
  return <span className="numbers">{words} so far</span>;
}
