import {
  ConstraintViolationError,
  CorruptRowError,
  TransitionConflictError,
  type EventId,
  type HandlerRun,
  type MutationId,
  type NewReplay,
  type ReplayId,
  type RunId,
} from "@millrace/db";
import { describe, expect, test } from "vitest";
import { explain } from "../support/query-plans.ts";
import { describeStore, HOSTILE_STRINGS, type StoreWorld } from "../support/store-behaviours.ts";

const order = (run: HandlerRun, more: Partial<NewReplay> = {}): NewReplay => ({
  workflowId: run.workflowId,
  runId: run.id,
  from: "preparing",
  askedBy: "eve",
  evidence: null,
  crossed: [],
  ...more,
});

describeStore("ReplayStore", {
  "gives a replay as it was asked for": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const crossed = ["m1", "m2"] as MutationId[];
    const replay = await stores.replays.create(order(run, { crossed, evidence: "seen" }), 5, tx);
    expect(replay).toMatchObject({ askedAt: 5, crossed, evidence: "seen", startedRunId: null, withdrawnAt: null });
    expect(await stores.replays.findPending(run.workflowId, tx)).toEqual(replay);
    expect(await stores.replays.listOfRun(run.id, tx)).toEqual([replay]);
  },
  "keeps hostile strings as they are": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    for (const text of HOSTILE_STRINGS) {
      const replay = await stores.replays.create(order(run, { askedBy: text, evidence: text }), 5, tx);
      expect(await stores.replays.findPending(run.workflowId, tx)).toEqual(replay);
      await stores.replays.withdraw(replay.id, 6, tx);
    }
  },
  "has one replay of a workflow that has yet to begin": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const first = await stores.replays.create(order(run), 5, tx);
    await expect(stores.replays.create(order(run), 6, tx)).rejects.toThrow(ConstraintViolationError);
    await stores.replays.start(first.id, "fresh" as RunId, tx);
    const second = await stores.replays.create(order(run), 7, tx);
    expect((await stores.replays.listOfRun(run.id, tx)).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(await stores.replays.findByStartedRun("fresh" as RunId, tx)).toMatchObject({ id: first.id });
  },
  "begins once, or is withdrawn once": async ({ stores, startRun, tx }) => {
    const { id } = await stores.replays.create(order(await startRun()), 5, tx);
    await stores.replays.start(id, "fresh" as RunId, tx);
    await expect(stores.replays.start(id, "other" as RunId, tx)).rejects.toThrow(TransitionConflictError);
    await expect(stores.replays.withdraw(id, 6, tx)).rejects.toThrow(TransitionConflictError);
    await expect(stores.replays.withdraw("nope" as ReplayId, 6, tx)).rejects.toThrow(TransitionConflictError);
  },
  "holds what the schema says of it": async ({ database, stores, startRun, tx }) => {
    const { id } = await stores.replays.create(order(await startRun()), 5, tx);
    const change = (columns: object) =>
      database.transaction(
        ({ executor }) => executor.updateTable("replays").set(columns).where("id", "=", id).execute(),
        tx,
      );
    await expect(change({ started_run_id: "r", withdrawn_at: 1 })).rejects.toThrow(ConstraintViolationError);
    await expect(change({ from_phase: "prepared" })).rejects.toThrow(ConstraintViolationError);
  },
  "says which row is broken": async ({ database, stores, startRun, workflow, tx }) => {
    await stores.replays.create(order(await startRun()), 5, tx);
    for (const crossed of ["{", "{}", "[1]"]) {
      await database.transaction(({ executor }) => executor.updateTable("replays").set({ crossed }).execute(), tx);
      await expect(stores.replays.findPending(workflow.id, tx)).rejects.toThrow(CorruptRowError);
    }
  },
  "goes with its run": async ({ stores, startRun, workflow, tx }) => {
    const run = await startRun();
    await stores.replays.create(order(run), 5, tx);
    await stores.handlerRuns.delete(run.id, tx);
    expect(await stores.replays.findPending(workflow.id, tx)).toBeNull();
  },
});

/** A run that has consumed events with these message ids, which `createdBy` published. */
async function consume(world: StoreWorld, messageIds: string[], createdBy: RunId | null = null): Promise<HandlerRun> {
  const { stores, workflow, topic, startRun, tx } = world;
  const run = await startRun();
  const { id: inputId } = await inputOf(world, messageIds.join());
  const event = { workflowId: workflow.id, topicId: topic.id, payload: 1, createdByRunId: createdBy };
  const ids: EventId[] = [];
  for (const messageId of messageIds)
    ids.push((await stores.events.publish({ ...event, messageId, inputIds: [inputId] }, 3, tx)).id);
  await stores.events.reserve(ids, run.id, 1, 4, tx);
  await stores.events.consume(run.id, 5, tx);
  for (const phase of ["prepared", "emitting"] as const) {
    const at = await stores.handlerRuns.get(run.id, tx);
    await stores.handlerRuns.transition(run, at, { phase, status: "active" }, tx);
  }
  await stores.handlerRuns.transition(
    run,
    { phase: "emitting", status: "active" },
    { phase: "committed", status: "committed", outputState: { after: messageIds } },
    tx,
  );
  return stores.handlerRuns.get(run.id, tx);
}

async function inputOf({ stores, workflow, tx }: StoreWorld, externalId: string) {
  const fields = { workflowId: workflow.id, source: "s", type: "t", externalId, title: "", createdByRunId: null };
  return (await stores.inputs.getOrCreate(fields, 1, tx)).input;
}

const statuses = async ({ stores, tx }: StoreWorld, run: HandlerRun) =>
  (await stores.lineage.eventsHandledBy(run.id, tx)).map(({ status, reservedByRunId }) => [status, reservedByRunId]);

describeStore("what a replay does to events", {
  "reopening makes what a run has consumed pending again, and nothing else": async (world) => {
    const [first, second] = [await consume(world, ["a", "b"]), await consume(world, ["c"])];
    expect(await world.stores.events.reopen(first.id, 9, world.tx)).toBe(2);
    expect(await world.stores.events.reopen(first.id, 9, world.tx)).toBe(0);
    expect(await statuses(world, first)).toEqual([
      ["pending", null],
      ["pending", null],
    ]);
    expect(await statuses(world, second)).toEqual([["consumed", second.id]]);
  },
  "reopening leaves what has only skipped inputs as it is": async (world) => {
    const run = await consume(world, ["a"]);
    await world.stores.inputs.skip((await inputOf(world, "a")).id, 8, world.tx);
    expect(await world.stores.events.reopen(run.id, 9, world.tx)).toBe(0);
    expect(await world.stores.lineage.eventsHandledBy(run.id, world.tx)).toMatchObject([
      { messageId: "a", topic: "mail", status: "consumed", inputsSkipped: true },
    ]);
  },
  "holding makes what a run has consumed reserved by it": async (world) => {
    const run = await consume(world, ["a"]);
    expect(await world.stores.events.hold(run.id, 9, world.tx)).toBe(1);
    expect(await statuses(world, run)).toEqual([["reserved", run.id]]);
    expect(await world.stores.events.hold(run.id, 9, world.tx)).toBe(0);
  },
});

describeStore("LineageStore", {
  "finds every run that has ever reserved an event, and which follow from it": async (world) => {
    const { stores, tx } = world;
    const first = await consume(world, ["a"]);
    const second = await consume(world, ["b"], first.id);
    const third = await consume(world, ["c"], second.id);
    const [{ id } = { id: "" as EventId }] = await stores.lineage.eventsHandledBy(first.id, tx);
    expect(await stores.lineage.runsThatHandled([id], tx)).toEqual([first.id]);
    expect(await stores.lineage.runsCausedBy([first.id], 9, tx)).toEqual([second.id]);
    expect(await stores.lineage.runsCausedBy([first.id, second.id], 9, tx)).toEqual([second.id, third.id]);
    expect(await stores.lineage.runsCausedBy([first.id, second.id], 1, tx)).toEqual([second.id]);
    expect(await stores.lineage.runsCausedBy([third.id], 9, tx)).toEqual([]);
  },
  "finds the mutations of runs": async (world) => {
    const { stores, tx, workflow } = world;
    const run = await world.startRun();
    const fields = { connector: "c", operation: "o", params: 1, idempotencyKey: "k", title: "t", sentAt: 1 };
    const row = { ...fields, handlerRunId: run.id, workflowId: workflow.id, status: "in_flight" } as const;
    const { mutation } = await stores.mutations.create(row, 5, tx);
    expect(await stores.lineage.mutationsOf([run.id, "nope" as RunId], tx)).toEqual([mutation]);
    expect(await stores.lineage.mutationsOf([], tx)).toEqual([]);
  },
  "finds the next run of a handler that has saved a state": async (world) => {
    const [first, second, third] = [
      await consume(world, ["a"]),
      await consume(world, ["b"]),
      await consume(world, ["c"]),
    ];
    expect(await world.stores.lineage.laterWithState(first, world.tx)).toBe(second.id);
    expect(await world.stores.lineage.laterWithState(third, world.tx)).toBeNull();
    expect(await world.stores.lineage.laterWithState({ ...first, handlerName: "other" }, world.tx)).toBeNull();
  },
});

describe("how SQLite finds them", () => {
  const run = { id: "r", workflowId: "w", handlerName: "h", handlerType: "consumer", startedAt: 5 } as HandlerRun;
  const event = "e" as EventId;

  test.each<[string, Parameters<typeof explain>[0], string[]]>([
    ["events of a run", ({ lineage }) => lineage.eventsHandledBy(run.id), ["sqlite_autoindex_run_events_1"]],
    ["runs of events", ({ lineage }) => lineage.runsThatHandled([event]), ["run_events_event_index"]],
    ["what followed", ({ lineage }) => lineage.runsCausedBy([run.id], 5), ["events_created_by_index"]],
    ["mutations of runs", ({ lineage }) => lineage.mutationsOf([run.id]), ["sqlite_autoindex_mutations_2"]],
    [
      "later runs",
      ({ lineage }) => lineage.laterWithState(run),
      ["handler_runs_workflow_index (workflow_id=? AND started_at>?"],
    ],
    ["a pending replay", ({ replays }) => replays.findPending(run.workflowId), ["replays_pending_index"]],
    ["replays of a run", ({ replays }) => replays.listOfRun(run.id), ["replays_run_index"]],
    ["the replay of a run", ({ replays }) => replays.findByStartedRun(run.id), ["replays_started_index"]],
    ["events to reopen", ({ events }) => events.reopen(run.id, 1), ["events_reserved_by_index"]],
    ["events to hold", ({ events }) => events.hold(run.id, 1), ["events_reserved_by_index"]],
  ])("%s are found by an index", async (_what, call, indexes) => {
    const plan = (await explain(call)).join("\n");
    for (const index of indexes) expect(plan).toContain(index);
    expect(plan).not.toMatch(/^SCAN (?!LIST|CONSTANT)/m);
  });
});
