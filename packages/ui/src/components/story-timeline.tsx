/** What happened, in the order of time: an input's story, a run's phases, a job's decisions. */
import "./story-timeline.css";
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { formatDuration } from "../format/times.ts";
import { TimeText } from "./time-text.tsx";
import type { Tone } from "./tones.ts";

export interface StoryItem {
  key: string;
  title: ReactNode;
  icon: TablerIcon;
  tone?: Tone;
  /** Unix milliseconds; null for what has not happened yet. */
  at: number | null;
  /** Milliseconds. */
  duration?: number | null;
  /** Stands below the title, for example a StatusBadge or a message. */
  details?: ReactNode;
}

export function StoryTimeline({ label, items }: { label: string; items: readonly StoryItem[] }) {
  return (
    <ol className="story" aria-label={label}>
      {items.map(({ key, title, icon: Icon, tone = "neutral", at, duration, details }) => (
        <li key={key} className="story-item" data-tone={tone} data-ahead={at === null || undefined}>
          <span className="story-icon">
            <Icon size={15} aria-hidden />
          </span>
          <div className="story-text">
            <div>{title}</div>
            {details === undefined || details === null ? null : <div className="story-details">{details}</div>}
          </div>
          <div className="story-time numbers">
            <TimeText at={at} fallback="" />
            {duration === undefined || duration === null ? null : <span>{formatDuration(duration)}</span>}
          </div>
        </li>
      ))}
    </ol>
  );
}
