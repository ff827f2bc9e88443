/** A time as a distance from now, with the exact time at hand. */
import { formatExactTime, formatRelativeTime } from "../format/times.ts";
import { usePresentWords } from "../services/present.ts";

export interface TimeTextProps {
  /** Unix milliseconds; null shows `fallback`. */
  at: number | null;
  fallback?: string;
  /** Shows the exact time itself, and the distance beside it. */
  exact?: boolean;
}

export function TimeText({ at, fallback = "–", exact = false }: TimeTextProps) {
  return at === null ? <span className="soft">{fallback}</span> : <KnownTime at={at} exact={exact} />;
}

function KnownTime({ at, exact }: { at: number; exact: boolean }) {
  const distance = usePresentWords((now) => formatRelativeTime(at, now));
  const exactly = formatExactTime(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={exactly}>
      {exact ? `${exactly} (${distance})` : distance}
    </time>
  );
}
