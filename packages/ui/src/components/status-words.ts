/** Every status in words, with what its colour and icon say. A status that the API adds does not compile until it has words. */
import type { Schema } from "../services/api.ts";
import type { Tone } from "./tones.ts";

export type StatusIcon =
  "waiting" | "running" | "done" | "failed" | "paused" | "person" | "unknown" | "skipped" | "edit";

export interface StatusWords {
  label: string;
  tone: Tone;
  icon: StatusIcon;
  /** What it means, for a tooltip. */
  meaning: string;
}

type Words<Status extends string> = Record<Status, StatusWords>;

const words = (label: string, tone: Tone, icon: StatusIcon, meaning: string): StatusWords => ({
  label,
  tone,
  icon,
  meaning,
});

const run: Words<Schema<"RunSummary">["status"]> = {
  active: words("Running", "info", "running", "It is executing now."),
  "paused:transient": words(
    "Will retry",
    "warning",
    "waiting",
    "Something passing failed; a new run follows by itself.",
  ),
  "paused:approval": words("Waits for a person", "warning", "person", "It goes on when a person allows it."),
  "paused:reconciliation": words(
    "Outcome unknown",
    "unknown",
    "unknown",
    "Whether its output happened is being found out.",
  ),
  "failed:logic": words("Failed in the workflow", "danger", "failed", "The workflow's own code is wrong."),
  "failed:internal": words("Failed internally", "danger", "failed", "Millrace or a connector is wrong."),
  aborted: words("Aborted", "neutral", "skipped", "A person decided that it goes no further."),
  committed: words("Done", "success", "done", "It ended as it should."),
  crashed: words("Interrupted", "warning", "failed", "The process ended under it; recovery went on with a new run."),
};

const output: Words<Schema<"OutputSummary">["status"]> = {
  pending: words("Not sent yet", "neutral", "waiting", "It is recorded, and waits to be sent."),
  in_flight: words("Being sent", "info", "running", "The request is under way."),
  applied: words("Happened", "success", "done", "The connector confirmed it."),
  failed: words("Did not happen", "danger", "failed", "It is known that nothing happened."),
  needs_reconcile: words("Being checked", "unknown", "unknown", "The connector is asked whether it happened."),
  indeterminate: words("Outcome unknown", "unknown", "person", "Only a person can say whether it happened."),
};

const event: Words<Schema<"EventSummary">["status"]> = {
  pending: words("Waiting", "neutral", "waiting", "No handler has taken it yet."),
  reserved: words("In progress", "info", "running", "A run works on it."),
  consumed: words("Handled", "success", "done", "A run has dealt with it."),
  skipped: words("Skipped", "neutral", "skipped", "A person decided that nothing is done about it."),
};

const input: Words<Schema<"InputSummary">["status"]> = {
  active: words("Active", "success", "done", "It is handled as the workflow says."),
  skipped: words("Skipped", "neutral", "skipped", "A person decided that nothing more is done because of it."),
};

/** How an input stands as a whole. */
const inputState: Words<Schema<"InputStory">["state"]> = {
  waiting: words("More to come", "neutral", "waiting", "A consumer has still to take something that came of it."),
  in_progress: words("In progress", "info", "running", "A run works on what came of it."),
  needs_attention: words("Needs attention", "warning", "person", "It goes on when a person decides."),
  done: words("Done", "success", "done", "Everything that came of it is dealt with."),
  skipped: words("Skipped", "neutral", "skipped", "A person decided that nothing more is done because of it."),
};

const workflow: Words<Schema<"WorkflowSummary">["status"]> = {
  draft: words("Draft", "neutral", "edit", "It has not been deployed."),
  ready: words("Ready", "neutral", "waiting", "It is deployed and not started."),
  active: words("Active", "success", "done", "It runs when something is due."),
  paused: words("Paused", "warning", "paused", "A person paused it; it starts no runs."),
  archived: words("Archived", "neutral", "skipped", "It is kept to look at, and never runs."),
};

const job: Words<Schema<"JobSummary">["status"]> = {
  pending: words("Not begun", "neutral", "waiting", "Its first run has not come."),
  active: words("Active", "success", "done", "It runs by its schedule."),
  paused: words("Paused", "warning", "paused", "It runs nothing until it is resumed."),
  completed: words("Completed", "neutral", "done", "It has no more runs."),
  failed: words("Failed", "danger", "failed", "Its run failed for good."),
  cancelled: words("Cancelled", "neutral", "skipped", "A person or program ended it."),
};

const execution: Words<Schema<"Execution">["status"]> = {
  pending: words("Waiting", "neutral", "waiting", "It runs when it is due and there is room."),
  running: words("Running", "info", "running", "It is executing now."),
  success: words("Succeeded", "success", "done", "It ended as it should."),
  failed: words("Failed", "danger", "failed", "All attempts failed."),
  timeout: words("Timed out", "danger", "failed", "It took longer than it may."),
  cancelled: words("Cancelled", "neutral", "skipped", "It was stopped."),
  skipped: words("Skipped", "neutral", "skipped", "It was left out, for the reason given."),
};

const notification: Words<Schema<"Notification">["kind"]> = {
  approval: words("Needs approval", "warning", "person", "An output waits for a person to allow it."),
  indeterminate: words(
    "Outcome unknown",
    "unknown",
    "unknown",
    "Whether an output happened is for a person to find out.",
  ),
  authorisation: words("Access missing", "warning", "person", "A connector was refused access."),
  logic: words("Workflow failed", "danger", "failed", "The workflow's own code is wrong."),
  internal: words("Internal failure", "danger", "failed", "Millrace or a connector is wrong."),
  transient: words("Keeps failing", "warning", "waiting", "Something that should pass does not."),
  late_outcome: words("Late outcome", "unknown", "unknown", "A call came back after its outcome was decided."),
  missing_code: words("Code missing", "danger", "failed", "This process doesn't know the workflow's code."),
  missing_handler: words("Handler missing", "danger", "failed", "This process doesn't know the job's handler."),
  job_paused: words("Job paused", "warning", "paused", "A job failed too often and was paused."),
  dead_schedule: words("Schedule stopped", "danger", "failed", "A schedule no longer ticks."),
};

const decision: Words<Schema<"ScheduleDecision">["decision"]> = {
  fired: words("Fired", "success", "done", "It ran."),
  skipped: words("Skipped", "neutral", "skipped", "It was left out, for the reason given."),
  coalesced: words("Merged", "neutral", "skipped", "It was made one with another."),
  missed: words("Missed", "warning", "failed", "Nobody could run it in time."),
};

export const STATUS_WORDS = {
  run,
  output,
  event,
  input,
  inputState,
  workflow,
  job,
  execution,
  notification,
  decision,
} as const;

/** What a status is the status of. */
export type StatusDomain = keyof typeof STATUS_WORDS;

/** The statuses of a domain. */
export type StatusOf<Domain extends StatusDomain> = keyof (typeof STATUS_WORDS)[Domain] & string;

/** A domain's statuses as options of a filter. */
export function statusOptions(domain: StatusDomain): { value: string; label: string }[] {
  return Object.entries<StatusWords>(STATUS_WORDS[domain]).map(([value, { label }]) => ({ value, label }));
}

/** The words of a status that is text only, as in a story; a status without words stands for itself. */
export function statusWords(domain: StatusDomain, status: string): StatusWords {
  const all: Readonly<Record<string, StatusWords>> = STATUS_WORDS[domain];
  return all[status] ?? words(status, "neutral", "waiting", status);
}
