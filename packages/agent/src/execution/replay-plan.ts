/** What a replay of a past run would do now, and why it can't be done: reads only, and decides nothing. */
import type {
  EventId,
  EventStatus,
  HandledEvent,
  HandlerRun,
  MutationId,
  ReplayPhase,
  RunId,
  Stores,
  Transaction,
} from "@millrace/db";
import { hasHandlerOf, parseHandlerConfig } from "../workflow/handler-config.ts";
import type { RowRedaction } from "../workflow/row-redaction.ts";
import { findEffects, type ReplayEffect } from "./replay-effects.ts";
import { refuseReplay, type PastRun } from "./replay-refusals.ts";

/** An event that a replay would handle again. */
export interface ReplayEvent {
  id: EventId;
  topic: string;
  messageId: string;
  status: EventStatus;
}

export interface ReplayPlan {
  run: HandlerRun;
  /** The workflow's name. */
  workflow: string;
  from: ReplayPhase;
  /** What would happen, in words. */
  summary: string;
  events: ReplayEvent[];
  /** What has been done for these events, and what followed from it. */
  effects: ReplayEffect[];
  /** Whether there are more effects downstream than are listed. */
  truncated: boolean;
  /** The effects that must be named, because they would be repeated. */
  mustCross: MutationId[];
  /** Why it can't be replayed now, each a sentence; none if it can. */
  refusals: string[];
}

/** The plan as it is shown: its run and its effects without what is secret. */
export async function redactPlan(plan: ReplayPlan, redaction: RowRedaction): Promise<ReplayPlan> {
  const mutations = await redaction.mutations(plan.effects.map(({ mutation }) => mutation));
  const shown = new Map(mutations.map((mutation) => [mutation.id, mutation]));
  const effects = plan.effects.map((effect) => ({
    ...effect,
    mutation: shown.get(effect.mutation.id) ?? effect.mutation,
  }));
  return { ...plan, run: await redaction.run(plan.run), effects };
}

/** @throws NotFoundError */
export async function planReplay(
  stores: Stores,
  runId: RunId,
  from: ReplayPhase,
  tx?: Transaction,
): Promise<ReplayPlan> {
  const run = await stores.handlerRuns.get(runId, tx);
  const workflow = await stores.workflows.get(run.workflowId, tx);
  const hasHandler = hasHandlerOf(parseHandlerConfig(workflow), run);
  const past = { run, workflow, hasHandler, events: await stores.lineage.eventsHandledBy(runId, tx) };
  const events = eventsAgain(past, from);
  const { effects, truncated } = await findEffects(
    stores,
    from,
    runId,
    events.map(({ id }) => id),
    tx,
  );
  return {
    run,
    workflow: workflow.name,
    from,
    summary: summarise(past, from, events.length),
    events: events.map(({ id, topic, messageId, status }) => ({ id, topic, messageId, status })),
    effects,
    truncated,
    mustCross: effects.filter(({ wouldRepeat }) => wouldRepeat).map(({ mutation }) => mutation.id),
    refusals: await refuseReplay(stores, past, from, events.length, tx),
  };
}

/** The events that are the run's still; from `prepare` only those that a skipped input does not keep from being handled. */
function eventsAgain({ run, events }: PastRun, from: ReplayPhase): HandledEvent[] {
  if (run.handlerType !== "consumer" || from === "executing") return [];
  return events.filter(
    ({ status, reservedByRunId, inputsSkipped }) =>
      status === "consumed" && reservedByRunId === run.id && !(from === "preparing" && inputsSkipped),
  );
}

function summarise({ run, workflow }: PastRun, from: ReplayPhase, count: number): string {
  const what = describe(run, from, count);
  return workflow.status === "active" ? what : `${what} The workflow is ${workflow.status}: that waits until it runs.`;
}

function describe({ handlerName, mutationOutcome }: HandlerRun, from: ReplayPhase, count: number): string {
  switch (from) {
    case "preparing": {
      const events = count === 1 ? "The event that it consumed becomes" : `The ${count} events that it consumed become`;
      return `${events} pending again, and consumer "${handlerName}" runs from prepare, with its present state and code. What that run calls is a new call, with a new idempotency key.`;
    }
    case "emitting":
      return `A new run of consumer "${handlerName}" begins at next, with what prepare gave and the outcome "${mutationOutcome ?? "none"}" as they are; nothing is called. What next publishes under message ids that are known changes nothing, except that an event which is still pending takes the new payload.`;
    case "executing":
      return `Producer "${handlerName}" runs now, with its present state and code, not with those of that time. What it publishes under message ids that are known changes nothing, except that an event which is still pending takes the new payload.`;
  }
}
