/** The job scheduler broken: ticks, claims, attempts and what is taken up after a crash. */
import type { Variant } from "./variant.ts";

const intake = "agent/src/execution/job-intake.ts";
const attempts = "agent/src/execution/job-transitions.ts";
const dispatcher = "agent/src/jobs/job-dispatcher.ts";

export const jobVariants: readonly Variant[] = [
  {
    name: "at most once tried again",
    breaks: "Work that may be done at most once is tried again after a crash or a failure.",
    seed: 14,
    edits: [
      {
        file: attempts,
        find: 'if (job.delivery === "at_most_once" || failures > job.maxRetries) return null;',
        replace: "if (failures > job.maxRetries) return null;",
      },
    ],
  },
  {
    name: "lost execution never taken up",
    breaks: "An attempt whose worker is gone runs for ever.",
    seed: 1,
    edits: [
      { file: dispatcher, find: "recovery.recoverLost(true, broken, () => false)", replace: "Promise.resolve(0)" },
      {
        file: "agent/src/jobs/claim-keeper.ts",
        find: "if (at !== null) this.noteLease(at);",
        replace: "if (at === 0) this.noteLease(at);",
      },
    ],
  },
  {
    name: "job not advanced",
    breaks: "A tick is written, and the job still due at it.",
    seed: 1,
    edits: [{ file: intake, find: "await stores.jobs.advance(due, patch, step.now, step.tx);", replace: "void due;" }],
  },
  {
    name: "next tick not noted",
    breaks: "After a look nobody notes when the next tick is due.",
    seed: 22,
    edits: [{ file: dispatcher, find: "if (nextDue !== null) this.noteDue(nextDue);", replace: "" }],
  },
  {
    name: "failure taken for success",
    breaks: "A job whose process died counts as done.",
    seed: 39,
    edits: [
      {
        file: attempts,
        find: 'if (delay === null) return over(outcome.kind === "timeout" ? "timeout" : "failed", failed);',
        replace: 'if (delay === null) return over("success", failed);',
      },
    ],
  },
];
