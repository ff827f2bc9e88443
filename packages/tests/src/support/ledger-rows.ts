/** Rows of the ledgers for tests of stores: inputs, their events, and the runs and mutations that they cause. */
import type { HandlerRun, Input, Mutation, MutationStatus, NewInput, RunStatus, Workflow } from "@millrace/db";
import type { StoreWorld } from "./store-behaviours.ts";

type World = Pick<StoreWorld, "stores" | "tx" | "workflow" | "topic" | "startRun">;

export async function createInput(
  { stores, tx, workflow }: World,
  patch: Partial<NewInput> & Pick<NewInput, "externalId">,
  now = 5,
): Promise<Input> {
  const described = {
    workflowId: workflow.id,
    source: "mail",
    type: "invoice",
    title: `mail ${patch.externalId}`,
    createdByRunId: null,
    ...patch,
  };
  return (await stores.inputs.getOrCreate(described, now, tx)).input;
}

/** Publishes an event with these inputs behind it. */
export async function publishEvent(
  { stores, tx, workflow, topic }: World,
  messageId: string,
  {
    inputs = [],
    by = null,
    payload = 1,
    now = 6,
  }: { inputs?: Input[]; by?: HandlerRun | null; payload?: unknown; now?: number } = {},
) {
  const event = {
    workflowId: workflow.id,
    topicId: topic.id,
    messageId,
    payload,
    createdByRunId: by && by.id,
    inputIds: inputs.map(({ id }) => id),
  };
  const { id } = await stores.events.publish(event, now, tx);
  return stores.events.get(id, tx);
}

/** A run that has come to this status. */
export async function createRun(
  world: World,
  status: RunStatus,
  { workflow, patch = {}, now = 5 }: { workflow?: Workflow; patch?: Partial<HandlerRun>; now?: number } = {},
): Promise<HandlerRun> {
  const { stores, tx } = world;
  const first = await world.startRun(workflow);
  await stores.handlerRuns.delete(first.id, tx);
  const run = await stores.handlerRuns.create({ ...first, ...patch }, now, tx);
  if (status === "active") return run;
  const phase = status === "committed" ? "committed" : run.phase;
  await stores.handlerRuns.transition(run, run, { phase, status, error: patch.error ?? null, endedAt: now + 1 }, tx);
  return stores.handlerRuns.get(run.id, tx);
}

/** A mutation of a run of its own that has come to this status, caused by events with these inputs behind them. */
export async function createMutation(
  world: World,
  status: Exclude<MutationStatus, "pending">,
  { patch = {}, inputs = [], now = 7 }: { patch?: Partial<Mutation>; inputs?: Input[]; now?: number } = {},
): Promise<Mutation> {
  const { stores, tx, workflow } = world;
  const run = await world.startRun();
  if (inputs.length > 0) {
    const { id } = await publishEvent(world, `of ${run.id}`, { inputs });
    await stores.events.reserve([id], run.id, 1, now, tx);
  }
  const described = {
    connector: "sheets",
    operation: "append",
    params: { row: 1 },
    title: "a row",
    ...patch,
    handlerRunId: run.id,
    workflowId: workflow.id,
    idempotencyKey: run.id,
    sentAt: now,
    status: "in_flight",
  } as const;
  const { mutation } = await stores.mutations.create(described, now, tx);
  if (status !== "in_flight") {
    await stores.mutations.transition(mutation.id, "in_flight", { status, error: patch.error ?? null }, now, tx);
  }
  await stores.handlerRuns.transition(run, run, { phase: run.phase, status: "crashed" }, tx);
  return stores.mutations.get(mutation.id, tx);
}
