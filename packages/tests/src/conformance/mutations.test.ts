import {
  ConstraintViolationError,
  IllegalTransitionError,
  NotFoundError,
  TransitionConflictError,
  ValueTooLargeError,
  type HandlerRun,
  type MutationId,
  type NewMutation,
  type RunId,
} from "@millrace/db";
import { expect } from "vitest";
import { describeStore, JSON_VALUES, type StoreWorld } from "../support/store-behaviours.ts";

function newMutation(run: HandlerRun, patch: Partial<NewMutation> = {}): NewMutation {
  return {
    handlerRunId: run.id,
    workflowId: run.workflowId,
    connector: "sheets",
    operation: "append",
    params: { row: 1 },
    idempotencyKey: run.id,
    title: "a row",
    sentAt: 5,
    status: "in_flight",
    ...patch,
  };
}

async function create({ stores, startRun, tx }: StoreWorld, patch: Partial<NewMutation> = {}, now = 5) {
  const run = await startRun();
  const { mutation } = await stores.mutations.create(newMutation(run, patch), now, tx);
  await stores.handlerRuns.transition(run, run, { phase: "preparing", status: "crashed" }, tx);
  return mutation;
}

describeStore("MutationStore", {
  "creates one mutation for a run, however often it is asked": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const first = await stores.mutations.create(newMutation(run), 5, tx);
    expect(first.created).toBe(true);
    const second = await stores.mutations.create(newMutation(run, { params: "other" }), 6, tx);
    expect(second).toEqual({ mutation: first.mutation, created: false });
    expect(await stores.mutations.findByRun(run.id, tx)).toEqual(first.mutation);
    expect(await stores.mutations.get(first.mutation.id, tx)).toEqual(first.mutation);
  },
  "moves a mutation from one status to another": async (world) => {
    const { stores, tx } = world;
    const { id } = await create(world);
    await stores.mutations.transition(
      id,
      "in_flight",
      { status: "needs_reconcile", nextReconcileAt: 9, error: "no answer" },
      7,
      tx,
    );
    expect(await stores.mutations.get(id, tx)).toMatchObject({
      status: "needs_reconcile",
      nextReconcileAt: 9,
      updatedAt: 7,
    });
    expect((await stores.mutations.listReconciling(tx)).map((mutation) => mutation.id)).toEqual([id]);
    await stores.mutations.transition(
      id,
      "needs_reconcile",
      { status: "applied", result: { at: 1 }, resolvedBy: "reconcile" },
      8,
      tx,
    );
    expect(await stores.mutations.get(id, tx)).toMatchObject({ status: "applied", result: { at: 1 } });
    expect(await stores.mutations.listReconciling(tx)).toEqual([]);
  },
  "refuses what the state machine does not allow, and says when somebody was first": async (world) => {
    const { stores, tx } = world;
    const { id } = await create(world);
    await expect(stores.mutations.transition(id, "applied", { status: "failed" }, 7, tx)).rejects.toThrow(
      IllegalTransitionError,
    );
    await expect(stores.mutations.transition(id, "pending", { status: "in_flight" }, 7, tx)).rejects.toThrow(
      TransitionConflictError,
    );
    const missing = stores.mutations.transition("nope" as MutationId, "in_flight", { status: "applied" }, 7, tx);
    await expect(missing).rejects.toThrow(NotFoundError);
  },
  "annotates without changing the status": async (world) => {
    const { stores, tx } = world;
    const { id } = await create(world);
    await stores.mutations.annotate(
      id,
      { lateOutcome: { kind: "applied" }, evidence: "seen", resolution: "skip" },
      8,
      tx,
    );
    expect(await stores.mutations.get(id, tx)).toMatchObject({
      status: "in_flight",
      lateOutcome: { kind: "applied" },
      resolution: "skip",
    });
    await expect(stores.mutations.annotate("nope" as MutationId, { evidence: "x" }, 8, tx)).rejects.toThrow(
      NotFoundError,
    );
  },
  "lists by connector, operation, status, age and workflow, newest first": async (world) => {
    const { stores, workflow, tx } = world;
    const a = await create(world, {}, 5);
    const b = await create(world, { connector: "http", operation: "post" }, 6);
    const ids = async (filter: object) => (await stores.mutations.list(filter, tx)).map(({ id }) => id);
    expect(await ids({ workflowId: workflow.id })).toEqual([b.id, a.id]);
    expect(await ids({ connector: "http" })).toEqual([b.id]);
    expect(await ids({ operation: "append" })).toEqual([a.id]);
    expect(await ids({ createdFrom: 6 })).toEqual([b.id]);
    expect(await ids({ createdBefore: 6 })).toEqual([a.id]);
    expect(await ids({ statuses: ["applied"] })).toEqual([]);
    expect(await ids({ limit: 1 })).toEqual([b.id]);
    await stores.mutations.transition(a.id, "in_flight", { status: "indeterminate" }, 7, tx);
    expect(await ids({ unresolved: true })).toEqual([a.id]);
    await stores.mutations.annotate(a.id, { resolvedAt: 8, resolvedBy: "ada" }, 8, tx);
    expect(await ids({ unresolved: true })).toEqual([]);
  },
  "lists the mutations that an input caused": async (world) => {
    const { stores, workflow, topic, startRun, tx } = world;
    const described = {
      workflowId: workflow.id,
      source: "mail",
      type: "message",
      externalId: "1",
      title: "",
      createdByRunId: null,
    };
    const { input } = await stores.inputs.getOrCreate(described, 1, tx);
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: "a",
      payload: 1,
      createdByRunId: null,
      inputIds: [input.id],
    };
    const { id: eventId } = await stores.events.publish(event, 2, tx);
    const run = await startRun();
    await stores.events.reserve([eventId], run.id, 1, 3, tx);
    const { mutation } = await stores.mutations.create(newMutation(run), 4, tx);
    expect((await stores.mutations.list({ inputId: input.id }, tx)).map(({ id }) => id)).toEqual([mutation.id]);
  },
  "keeps parameters and results of every shape": async (world) => {
    const { stores, tx } = world;
    for (const value of JSON_VALUES) {
      const { id } = await create(world, { params: value });
      await stores.mutations.transition(id, "in_flight", { status: "applied", result: value }, 6, tx);
      const stored = await stores.mutations.get(id, tx);
      expect(stored.params).toEqual(value);
      expect(stored.result).toEqual(value);
    }
  },
  "refuses parameters over the limit, and a run that does not exist": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const large = newMutation(run, { params: "x".repeat(2 * 1024 * 1024) });
    await expect(stores.mutations.create(large, 5, tx)).rejects.toThrow(ValueTooLargeError);
    const orphan = newMutation({ ...run, id: "nope" as RunId });
    await expect(stores.mutations.create(orphan, 5, tx)).rejects.toThrow(ConstraintViolationError);
  },
  "deletes one and says so": async (world) => {
    const { id } = await create(world);
    expect(await world.stores.mutations.delete(id, world.tx)).toBe(1);
    expect(await world.stores.mutations.delete(id, world.tx)).toBe(0);
    expect(await world.stores.mutations.find(id, world.tx)).toBeNull();
  },
});
