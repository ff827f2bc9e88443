/** What each action on many jobs is called and what follows from it. */
import type { JobAction } from "../../services/jobs.ts";

interface BulkWords {
  /** On the button. */
  verb: string;
  /** "12 jobs are paused". */
  done: string;
  consequences: readonly string[];
  danger: boolean;
}

export const BULK_WORDS: Record<JobAction, BulkWords> = {
  pause: {
    verb: "Pause",
    done: "paused",
    consequences: ["They start nothing until they are resumed. What runs now goes on to its end."],
    danger: false,
  },
  resume: {
    verb: "Resume",
    done: "resumed",
    consequences: ["They go on from now. Times that passed meanwhile are not made up for."],
    danger: false,
  },
  run: {
    verb: "Run now",
    done: "told to run",
    consequences: ["Each runs once more, beside its schedule, with its own payload."],
    danger: false,
  },
  skip_next: {
    verb: "Skip the next run of",
    done: "told to leave out the next run",
    consequences: ["The next run of each is left out, and recorded as such. The one after it comes as usual."],
    danger: false,
  },
  cancel: {
    verb: "Cancel",
    done: "cancelled",
    consequences: [
      "They end for good: no run follows, and what runs now is told to stop.",
      "Their history stays. A cancelled job runs again only when it is edited.",
    ],
    danger: true,
  },
};
