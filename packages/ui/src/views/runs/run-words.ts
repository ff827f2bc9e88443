/** What a run is and how it stands, in words. */
import type { Tone } from "../../components/tones.ts";
import { statusWords } from "../../components/status-words.ts";
import type { ReplayPoint, RunDetails, RunPhase, RunSummary } from "../../services/runs.ts";

const triggers: Readonly<Record<string, string>> = {
  schedule: "By its schedule",
  manual: "By hand",
  event: "By an event",
  wake: "By its own alarm",
  start: "At the start of the host",
  retry: "A new attempt",
};

/** Why a run began; a trigger without words stands for itself. */
export function triggerWords(trigger: string): string {
  return trigger.startsWith("replay:") ? "A replay" : (triggers[trigger] ?? trigger);
}

/** The run that was replayed, where a run is a replay. */
export function replayedRun(trigger: string): string | null {
  return trigger.startsWith("replay:") ? trigger.slice("replay:".length) : null;
}

interface Words {
  label: string;
  meaning: string;
}

export const PHASE_WORDS: Record<RunPhase["phase"], Words> = {
  executing: {
    label: "Produce",
    meaning: "The producer looks for what is new, registers inputs and publishes events.",
  },
  preparing: { label: "Prepare", meaning: "The consumer reads, chooses its events and decides what is to be done." },
  prepared: { label: "Prepared", meaning: "What was decided is written down; the call is about to be made." },
  mutating: { label: "Call", meaning: "The one call that changes something outside is under way." },
  mutated: { label: "Answered", meaning: "The call's outcome is known and written down." },
  emitting: { label: "Next", meaning: "The consumer sees the outcome and publishes what follows from it." },
  committed: { label: "Committed", meaning: "All of it is written down for good." },
};

export const REPLAY_POINT_WORDS: Record<ReplayPoint, Words> = {
  preparing: {
    label: "From prepare",
    meaning: "Its events are handled anew, and its call is made again.",
  },
  emitting: {
    label: "From next",
    meaning: "Its call is not made again; only what follows from the outcome is done anew.",
  },
  executing: { label: "The producer", meaning: "The producer looks again now." },
};

/** How a run stands, as the first thing on its page. */
export function runStanding({ run, output }: Pick<RunDetails, "run" | "output">): {
  tone: Tone;
  title: string;
  text: string;
} {
  const { status, handlerType, mutationOutcome } = run;
  if (status === "paused:reconciliation" && output?.status === "indeterminate" && output.resolution === null) {
    return {
      tone: "unknown",
      title: "Waiting for you",
      text: "Nobody knows whether its output happened. It goes on when a person has looked, and says so.",
    };
  }
  const { tone, label, meaning } = statusWords("run", status);
  if (status !== "committed") return { tone, title: label, text: meaning };
  return {
    tone,
    title: "Done",
    text: handlerType === "producer" ? meaning : consumerOutcomes[mutationOutcome ?? "none"],
  };
}

const consumerOutcomes: Record<NonNullable<RunSummary["mutationOutcome"]>, string> = {
  applied: "Its call happened, and what follows from it was published.",
  none: "It had nothing to call.",
  skipped: "Its call was skipped, and it went on without it.",
};
