/** How an output stands and what can be answered about it, in words. */
import type { Tone } from "../../components/tones.ts";
import type { OutputDetails, Resolution } from "../../services/outputs.ts";

interface AnswerWords {
  /** The answer. */
  label: string;
  /** What the button of the confirmation says. */
  confirm: string;
  /** What it says of the world, in few words. */
  meaning: string;
  done: string;
}

export const ANSWER_WORDS: Record<Resolution, AnswerWords> = {
  happened: {
    label: "It happened",
    confirm: "Record that it happened",
    meaning: "You looked, and it is there.",
    done: "Recorded: it happened",
  },
  did_not_happen: {
    label: "It did not happen",
    confirm: "Record that it did not happen",
    meaning: "You looked, and it is not there.",
    done: "Recorded: it did not happen",
  },
  skip: {
    label: "Skip",
    confirm: "Skip it",
    meaning: "Go on without knowing.",
    done: "Skipped",
  },
  try_again: {
    label: "Ask the connector again",
    confirm: "Ask again",
    meaning: "Nothing is sent; the connector is asked what became of it.",
    done: "The connector is asked again",
  },
};

/** How an output stands, as the first thing on its page. */
export interface Standing {
  tone: Tone;
  title: string;
  text: string;
}

export function outputStanding({ output, awaitsApproval }: Pick<OutputDetails, "output" | "awaitsApproval">): Standing {
  const { status, resolution, resolvedBy, sentAt } = output;
  if (resolution === "skip") {
    return {
      tone: "neutral",
      title: "Skipped",
      text: `${resolvedBy ?? "A person"} decided to go on without knowing whether it happened.`,
    };
  }
  switch (status) {
    case "pending":
      return awaitsApproval
        ? {
            tone: "warning",
            title: "Waiting for you",
            text: "It is sent when a person approves it. Nothing has been sent.",
          }
        : { tone: "neutral", title: "Not sent yet", text: "It is written down, and about to be sent." };
    case "in_flight":
      return { tone: "info", title: "Being sent", text: "The request is under way." };
    case "applied":
      return { tone: "success", title: "It happened", text: `${confirmedBy(resolvedBy)} it.` };
    case "failed":
      return sentAt === null && resolvedBy !== null
        ? { tone: "neutral", title: "Rejected", text: `${resolvedBy} rejected it. Nothing was sent.` }
        : { tone: "danger", title: "It did not happen", text: didNotHappen(resolvedBy) };
    case "needs_reconcile":
      return {
        tone: "unknown",
        title: "It is being found out whether it happened",
        text: "The connector is being asked. Nobody need do anything before it can't tell.",
      };
    case "indeterminate":
      return {
        tone: "unknown",
        title: "Waiting for you",
        text: "Nobody knows whether it happened. Look on the other side, then say what you found.",
      };
  }
}

function confirmedBy(resolvedBy: string | null): string {
  return resolvedBy === null ? "The connector confirmed" : `${resolvedBy} confirmed`;
}

function didNotHappen(resolvedBy: string | null): string {
  return resolvedBy === null
    ? "The connector says that nothing happened. Its events are free for another attempt."
    : `${resolvedBy} found that nothing happened. Its events are free for another attempt.`;
}
