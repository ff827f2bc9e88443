/** The model of the execution: the life of runs, their events and their mutations; and what must hold after each command. */
import { deepStrictEqual } from "node:assert/strict";
import { CONSUMER_PHASES, PRODUCER_PHASES, type HandlerRun, type RunPhase } from "@millrace/db";
import * as fc from "fast-check";
import type { Real } from "./batches.ts";
import type { ExecutionBase } from "./execution-ground.ts";
import { hasActed, type ExecutionState } from "./execution-state.ts";
import { ledgerVerbs } from "./ledger-verb-steps.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { nextVerb } from "./next-verb.ts";
import { sortedBy } from "./order.ts";
import { personVerbs } from "./person-verb-steps.ts";
import { runVerbs } from "./run-verb-steps.ts";

const ALL = { limit: 10_000 };

export const executionModel: ModelSpecification<ExecutionState, ExecutionBase> = {
  name: "the execution",
  // Left to chance alone, hardly any run would come far.
  steps: fc.oneof({ weight: 40, arbitrary: nextVerb }, ...runVerbs, ...ledgerVerbs, ...personVerbs),
  // Each verb is a transaction of its own.
  modes: ["alone", "alone", "at once"],
  maxBatches: 40,
  comparesAlways: true,
  begin: () => ({
    version: 0,
    error: false,
    pending: null,
    retryAt: null,
    runs: new Map(),
    seen: [],
    events: new Map(),
    inputs: new Map(),
    mutations: new Map(),
    reserved: new Map(),
    notices: [],
    replay: null,
    replayed: new Set(),
    aliveSince: 0,
    phases: new Map(),
  }),
  async compare(real, state) {
    const rows = await readRows(real);
    checkInvariants(rows, state);
    deepStrictEqual(describeRows(rows), describeModel(state));
  },
};

type Rows = Awaited<ReturnType<typeof readRows>>;

async function readRows({ stores }: Real) {
  const [workflow] = await stores.workflows.list();
  if (!workflow) throw new Error("The workflow is gone.");
  const runs = await stores.handlerRuns.list(ALL);
  const topics = new Map((await stores.topics.list(workflow.id)).map(({ id, name }) => [id, name]));
  const reserved = new Map<string, string[]>();
  const keyOf = (event: { topicId: never; messageId: string }) => `${topics.get(event.topicId)}/${event.messageId}`;
  for (const { id } of runs) {
    const own = await stores.events.listOfRun(id);
    reserved.set(id, own.map((event) => `${event.topicName}/${event.messageId}`).toSorted());
  }
  return {
    workflow,
    runs,
    events: (await stores.events.list(ALL)).map((event) => ({ key: keyOf(event as never), ...event })),
    inputs: await stores.inputs.list(ALL),
    mutations: await stores.mutations.list(ALL),
    notices: await stores.notifications.listOpen(),
    reserved,
  };
}

/** What a workflow, its runs and its ledger are, in the words of the model. */
function describeRows({ workflow, runs, events, inputs, mutations, notices, reserved }: Rows) {
  return {
    workflow: { error: workflow.error !== null, pending: workflow.pendingRetryRunId, retryAt: workflow.retryAt },
    runs: sortedBy(runs, ({ id }) => id).map((run) => RUN_FIELDS.map((field) => run[field])),
    events: sortedBy(events, ({ key }) => key).map(({ key, status, reservedByRunId, updatedAt }) => [
      key,
      status,
      updatedAt,
      reservedByRunId,
    ]),
    inputs: sortedBy(inputs, ({ externalId }) => externalId).map(({ externalId, status }) => [externalId, status]),
    mutations: sortedBy(mutations, ({ id }) => id).map((row) => [
      row.id,
      row.handlerRunId,
      row.status,
      row.approvedAt,
      row.sentAt,
      row.uncertainSince,
      row.reconcileAttempts,
      row.notAppliedCount,
      row.nextReconcileAt,
      row.resolution,
      row.resolvedAt,
      row.lateOutcome === null ? null : Reflect.get(Object(row.lateOutcome), "kind"),
    ]),
    notices: notices.map(({ kind, runId, mutationId }) => `${kind} ${runId} ${mutationId}`).toSorted(),
    reserved: Object.fromEntries(reserved),
  };
}

const RUN_FIELDS = [
  ...(["id", "handlerType", "handlerName", "phase", "status", "attempt", "transientFailures", "retryOf"] as const),
  ...(["mutationId", "mutationOutcome", "errorType", "endedAt"] as const),
];

function describeModel({ error, pending, retryAt, ...state }: ExecutionState): ReturnType<typeof describeRows> {
  return {
    workflow: { error, pending, retryAt },
    runs: sortedBy(state.runs.values(), ({ id }) => id).map((run) => RUN_FIELDS.map((field) => run[field])),
    events: sortedBy(state.events, ([key]) => key).map(([key, { status, holder, updatedAt }]) => [
      key,
      status,
      updatedAt,
      holder,
    ]),
    inputs: sortedBy(state.inputs, ([key]) => key).map(([key, { skipped }]) => [key, skipped ? "skipped" : "active"]),
    mutations: sortedBy(state.mutations.values(), ({ id }) => id).map((row) => [
      row.id,
      row.run,
      row.status,
      row.approvedAt,
      row.sentAt,
      row.uncertainSince,
      row.reconcileAttempts,
      row.notAppliedCount,
      row.nextReconcileAt,
      row.resolution,
      row.resolvedAt,
      row.late,
    ]),
    notices: state.notices.map(({ kind, run, mutation }) => `${kind} ${run} ${mutation}`).toSorted(),
    reserved: Object.fromEntries([...state.reserved].map(([run, keys]) => [run, [...keys].toSorted()])),
  };
}

/** What holds of the rows whatever the model says. */
function checkInvariants(
  { workflow, runs, events, mutations, reserved }: Rows,
  { phases, replayed }: ExecutionState,
): void {
  const fail = (what: string) => {
    throw new Error(what);
  };
  if (runs.filter(({ status }) => status === "active").length > 1) fail("Two runs of the workflow are active.");
  for (const run of runs) {
    const index = orderOf(run).indexOf(run.phase);
    if (index < (phases.get(run.id) ?? 0)) fail(`The phase of run ${run.id} went back to ${run.phase}.`);
    phases.set(run.id, index);
  }
  for (const { key, status, reservedByRunId } of events) {
    if (status !== "reserved") continue;
    const holder = runs.find(({ id }) => id === reservedByRunId);
    const lives = holder && (holder.status === "active" || workflow.pendingRetryRunId === holder.id);
    if (!lives) fail(`Event ${key} is reserved by run ${reservedByRunId}, with which nobody goes on.`);
  }
  const applied = mutations.filter(({ status }) => status === "applied");
  for (const { key } of events) {
    const effects = applied.filter(({ handlerRunId }) => reserved.get(handlerRunId)?.includes(key));
    if (effects.length > 1 && !replayed.has(key)) fail(`Event ${key} has ${effects.length} applied mutations.`);
  }
  for (const run of runs) if (run.phase === "mutated" && !hasActed(run)) fail(`Run ${run.id} is mutated by nothing.`);
}

const orderOf = ({ handlerType }: HandlerRun): readonly RunPhase[] =>
  handlerType === "producer" ? PRODUCER_PHASES : CONSUMER_PHASES;
