/** What came of an input, in the order of time; each part leads to what it is about. */
import {
  IconArrowBarToDown,
  IconBolt,
  IconCircleDashed,
  IconFlag,
  IconPlayerPlay,
  IconSend,
  IconTargetArrow,
  type TablerIcon,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { statusWords } from "../../components/status-words.ts";
import { type StoryItem, StoryTimeline } from "../../components/story-timeline.tsx";
import type { Tone } from "../../components/tones.ts";
import type { StoryEntry } from "../../services/inputs.ts";

const icons: Record<StoryEntry["kind"], TablerIcon> = {
  input_registered: IconArrowBarToDown,
  event_published: IconBolt,
  run_started: IconPlayerPlay,
  run_ended: IconFlag,
  output_sent: IconSend,
  output_settled: IconTargetArrow,
  input_skipped: IconCircleDashed,
};

export function InputTimeline({ story }: { story: readonly StoryEntry[] }) {
  return <StoryTimeline label="What came of the input, in the order of time" items={story.map(itemOf)} />;
}

function itemOf(entry: StoryEntry): StoryItem {
  const { at, kind, eventId, outputId, runId } = entry;
  return {
    key: [kind, eventId, outputId, runId].join(" "),
    at,
    icon: icons[kind],
    tone: toneOf(entry),
    title: titleOf(entry),
  };
}

/** What is over has the colour of how it ended. */
function toneOf({ kind, status }: StoryEntry): Tone {
  if (kind === "run_ended" && status !== null) return statusWords("run", status).tone;
  if (kind === "output_settled" && status !== null) return statusWords("output", status).tone;
  return kind === "output_sent" ? "info" : "neutral";
}

function titleOf({ kind, title, eventId, runId, outputId }: StoryEntry): ReactNode {
  if (outputId !== null) {
    return (
      <Link to="/outputs/$output" params={{ output: outputId }}>
        {title}
      </Link>
    );
  }
  if (eventId !== null) {
    return (
      <Link to="/events/$event" params={{ event: eventId }}>
        {title}
      </Link>
    );
  }
  if (runId === null || kind === "input_registered") return title;
  return (
    <Link to="/runs/$run" params={{ run: runId }}>
      {title}
    </Link>
  );
}
