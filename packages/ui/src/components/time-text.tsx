/** A time as a distance from now, with the exact time at hand. */
import { formatExactTime, formatRelativeTime } from "../format/times.ts";
import { usePresentWords } from "../services/present.ts";

export interface TimeTextProps {
  /** Unix milliseconds; null shows `fallback`. */
  at: number | null;
  fallback?: string;
  /** Shows the exact time itself, and the distance beside it. */
  exact?: boolean;
  /** It is when something is due: once it has passed, that is said. */
  due?: boolean;
}

export function TimeText({ at, fallback = "–", exact = false, due = false }: TimeTextProps) {
  return at === null ? <span className="soft">{fallback}</span> : <KnownTime at={at} exact={exact} due={due} />;
}

function KnownTime({ at, exact, due }: { at: number; exact: boolean; due: boolean }) {
  const distance = usePresentWords((now) => `${due && at < now ? "due " : ""}${formatRelativeTime(at, now)}`);
  const exactly = formatExactTime(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={exactly}>
      {exact ? (
        <>
          {exactly} <span style={{ whiteSpace: "nowrap" }}>({distance})</span>
        </>
      ) : (
        distance
      )}
    </time>
  );
}
