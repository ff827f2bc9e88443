/** Why a past run can't be replayed now: each reason is a sentence that says what to do instead. */
import type { HandledEvent, HandlerRun, ReplayPhase, Stores, Transaction, Workflow } from "@millrace/db";
import { awaitsApproval, continuesAfterMutation } from "./transitions.ts";

/** What is known of a past run and of its workflow. */
export interface PastRun {
  run: HandlerRun;
  workflow: Workflow;
  /** All that it has ever reserved. */
  events: readonly HandledEvent[];
  /** Whether its workflow's code has its handler. */
  hasHandler: boolean;
}

/** @param count how many events would be handled again */
export async function refuseReplay(
  stores: Stores,
  past: PastRun,
  from: ReplayPhase,
  count: number,
  tx?: Transaction,
): Promise<string[]> {
  const { run } = past;
  const reasons = [...refuseRun(past, from), ...(await refuseWorkflow(stores, past, tx))];
  // What is wrong with its events says nothing while the run itself is not one that can be replayed so.
  if (reasons.length > 0 || run.handlerType === "producer") return reasons;
  return from === "preparing" ? refusePrepare(past, count) : refuseNext(stores, past, tx);
}

function refuseRun({ run, hasHandler }: PastRun, from: ReplayPhase): string[] {
  const reasons: string[] = [];
  const { handlerType, handlerName, status } = run;
  if ((handlerType === "producer") !== (from === "executing")) {
    const possible = handlerType === "producer" ? "executing" : "preparing or emitting";
    return [`It is the run of a ${handlerType}, which can be replayed from ${possible}.`];
  }
  if (!hasHandler) reasons.push(`The workflow has no ${handlerType} "${handlerName}" any more.`);
  if (status === "active") reasons.push("It is not over yet.");
  else if (status !== "committed")
    reasons.push(
      `It did not commit (it is ${status}): its events were given to the runs after it. Replay the run that committed them.`,
    );
  else if (from === "emitting" && !continuesAfterMutation(run))
    reasons.push("It made no call, so there is no effect after which it could be forked. Replay it from preparing.");
  return reasons;
}

/** Nothing else of a workflow runs before the run for which it waits, so a replay can't be set going beside it. */
async function refuseWorkflow(stores: Stores, { run, workflow }: PastRun, tx?: Transaction): Promise<string[]> {
  const { name, status, error, pendingRetryRunId } = workflow;
  const reasons: string[] = [];
  if (status === "archived") reasons.push(`Workflow "${name}" is archived.`);
  const [active] = await stores.handlerRuns.list({ workflowId: workflow.id, status: "active", limit: 1 }, tx);
  if (active && active.id !== run.id)
    reasons.push(`Run ${active.id} of "${active.handlerName}" is active. Try again when it is over.`);
  if (pendingRetryRunId === null) {
    if (error !== null) reasons.push(`Workflow "${name}" needs attention first: ${error}`);
    return reasons;
  }
  return [...reasons, describeWaiting(name, await stores.handlerRuns.get(pendingRetryRunId, tx))];
}

function describeWaiting(workflow: string, waiting: HandlerRun): string {
  const { id, handlerName, status } = waiting;
  if (status === "committed") return `Workflow "${workflow}" is about to replay run ${id}. Wait until that has run.`;
  const waits = `Workflow "${workflow}" waits for run ${id} of "${handlerName}" (${status})`;
  if (status === "paused:reconciliation") return `${waits}, whose mutation may have happened or not. Resolve it first.`;
  return awaitsApproval(waiting) ? `${waits}. Approve or reject it first.` : `${waits}. That is continued first.`;
}

function refusePrepare({ events, run }: PastRun, count: number): string[] {
  if (count > 0) return [];
  if (events.length === 0) return ["It handled no events, or they are no longer there."];
  const [other] = events.filter(({ reservedByRunId }) => reservedByRunId !== run.id);
  return other ? [describeHandledSince(other)] : ["Every input behind its events is skipped."];
}

async function refuseNext(stores: Stores, { events, run }: PastRun, tx?: Transaction): Promise<string[]> {
  const reasons: string[] = [];
  const newer = await describeNewerState(stores, run, tx);
  if (newer !== null) reasons.push(newer);
  if (run.mutationId !== null && !(await stores.mutations.find(run.mutationId, tx)))
    reasons.push(`Its mutation ${run.mutationId} is no longer there.`);
  const other = events.find(({ reservedByRunId }) => reservedByRunId !== run.id);
  if (events.length === 0) reasons.push("Its events are no longer there.");
  else if (other && newer === null) reasons.push(describeHandledSince(other));
  if (events.length > 0 && events.every(({ inputsSkipped }) => inputsSkipped))
    reasons.push("Every input behind its events is skipped.");
  return reasons;
}

/** What keeps `next` from running again, because it would write an older state over a newer one. */
async function describeNewerState(stores: Stores, run: HandlerRun, tx?: Transaction): Promise<string | null> {
  const { handlerName, inputState, outputState } = run;
  const later = await stores.lineage.laterWithState(run, tx);
  if (later !== null)
    return `Run ${later} of "${handlerName}" has saved its state since: an older one would be written over it.`;
  // The clock may have gone back since; what is there now tells.
  const stored = await stores.handlerStates.find(run, tx);
  if (JSON.stringify(stored?.state ?? null) === JSON.stringify(outputState ?? inputState)) return null;
  return `The state of "${handlerName}" is not the one that this run left: an older one would be written over it.`;
}

function describeHandledSince({ topic, messageId, status, reservedByRunId }: HandledEvent): string {
  const event = `Its event "${messageId}" of topic ${topic}`;
  return reservedByRunId === null
    ? `${event} is ${status}: it is handled again anyway.`
    : `${event} was handled again since, by run ${reservedByRunId}. Replay that one.`;
}
