/** The phases of a run in order: what each is for, when it began and how long it took. What is not known is said so. */
import "./phase-timeline.css";
import { IconCircle, IconCircleCheck, IconCircleX, IconLoader, type TablerIcon } from "@tabler/icons-react";
import { DurationText } from "../../components/duration-text.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatDuration, formatExactTime } from "../../format/times.ts";
import type { RunPhase } from "../../services/runs.ts";
import { type PhaseDuration, phaseDurations } from "./phase-durations.ts";
import { PHASE_WORDS } from "./run-words.ts";

const states: Record<RunPhase["state"], { icon: TablerIcon; label: string }> = {
  done: { icon: IconCircleCheck, label: "done" },
  current: { icon: IconLoader, label: "now" },
  stopped: { icon: IconCircleX, label: "stopped here" },
  ahead: { icon: IconCircle, label: "not reached" },
};

export function PhaseTimeline({ phases }: { phases: readonly RunPhase[] }) {
  const durations = phaseDurations(phases);
  const first = phases.find(({ enteredAt }) => enteredAt !== null)?.enteredAt ?? null;
  return (
    <ol className="phases" aria-label="Phases of the run, in order">
      {phases.map((phase, index) => (
        <Phase key={phase.phase} phase={phase} first={first} duration={durations[index] ?? { kind: "unknown" }} />
      ))}
    </ol>
  );
}

interface PhaseProps {
  phase: RunPhase;
  duration: PhaseDuration;
  /** When the first phase whose time is known began. */
  first: number | null;
}

function Phase({ phase: { phase, state, enteredAt }, duration, first }: PhaseProps) {
  const { icon: Icon, label } = states[state];
  const { label: name, meaning } = PHASE_WORDS[phase];
  return (
    <li className="phase" data-state={state}>
      <Icon className="phase-icon" size={20} aria-hidden />
      <div>
        <span className="phase-name">{name}</span>
        <span className={state === "done" ? "visually-hidden" : "phase-state"}>{label}</span>
        <div className="phase-meaning">{meaning}</div>
      </div>
      <div className="phase-time numbers">
        {state === "ahead" ? null : <Beginning at={enteredAt} first={first} />}
        <Duration duration={duration} isEnd={phase === "committed"} />
      </div>
    </li>
  );
}

/** The first one as a time; the others by how long after it. */
function Beginning({ at, first }: { at: number | null; first: number | null }) {
  if (at === null || first === null || at === first) return <TimeText at={at} fallback="time unknown" />;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExactTime(at)}>
      {formatDuration(at - first)} later
    </time>
  );
}

function Duration({ duration, isEnd }: { duration: PhaseDuration; isEnd: boolean }) {
  if (isEnd) return null;
  switch (duration.kind) {
    case "ahead":
      return null;
    case "unknown":
      return <span className="soft">duration unknown</span>;
    case "growing":
      return <DurationText from={duration.from} until={null} />;
    case "exact":
      return <span>took {formatDuration(duration.ms)}</span>;
    case "at_most":
      return (
        <span title="Its end is not written down, but the next phase's beginning is.">
          took at most {formatDuration(duration.ms)}
        </span>
      );
  }
}
