import {
  ConstraintViolationError,
  CorruptRowError,
  NotFoundError,
  NotSerialisableError,
  ReservationConflictError,
  ValueTooLargeError,
  type EventId,
  type InputId,
  type TopicId,
} from "@millrace/db";
import { expect } from "vitest";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES, type StoreWorld } from "../support/store-behaviours.ts";

function publish({ stores, workflow, topic, tx }: StoreWorld, messageId: string, payload: unknown = {}, now = 10) {
  return stores.events.publish(
    { workflowId: workflow.id, topicId: topic.id, messageId, payload, createdByRunId: null, inputIds: [] },
    now,
    tx,
  );
}

async function registerInput({ stores, workflow, tx }: StoreWorld, externalId: string) {
  const input = {
    workflowId: workflow.id,
    source: "mail",
    type: "message",
    externalId,
    title: "",
    createdByRunId: null,
  };
  return (await stores.inputs.getOrCreate(input, 5, tx)).input;
}

describeStore("EventStore", {
  "publishes a new event as pending": async (world) => {
    const { id, outcome } = await publish(world, "m1", { a: 1 });
    expect(outcome).toBe("created");
    expect(await world.stores.events.get(id, world.tx)).toMatchObject({
      messageId: "m1",
      payload: { a: 1 },
      status: "pending",
      createdAt: 10,
    });
    expect(await world.stores.events.findByMessageId(world.topic.id, "m1", world.tx)).toMatchObject({ id });
  },
  "replaces the payload of a pending event: the last write wins": async (world) => {
    const first = await publish(world, "m1", 1);
    expect(await publish(world, "m1", 2, 11)).toEqual({ id: first.id, outcome: "replaced" });
    expect(await world.stores.events.get(first.id, world.tx)).toMatchObject({
      payload: 2,
      createdAt: 10,
      updatedAt: 11,
    });
  },
  "leaves a reserved, consumed or skipped event as it is": async (world) => {
    const { stores, tx } = world;
    const { id } = await publish(world, "m1", 1);
    const run = await world.startRun();
    await stores.events.reserve([id], run.id, 1, 12, tx);
    expect(await publish(world, "m1", 2)).toEqual({ id, outcome: "unchanged" });
    await stores.events.consume(run.id, 13, tx);
    expect(await publish(world, "m1", 3)).toEqual({ id, outcome: "unchanged" });
    expect(await stores.events.get(id, tx)).toMatchObject({ payload: 1, status: "consumed" });
  },
  "keeps JSON of every shape and hostile message ids as they are": async (world) => {
    for (const [index, payload] of JSON_VALUES.entries()) {
      const { id } = await publish(world, `json ${index}`, payload);
      expect((await world.stores.events.get(id, world.tx)).payload).toEqual(payload);
    }
    for (const messageId of HOSTILE_STRINGS) {
      const { id } = await publish(world, messageId);
      expect((await world.stores.events.get(id, world.tx)).messageId).toBe(messageId);
    }
  },
  "refuses a payload that is too large or no JSON": async (world) => {
    await expect(publish(world, "m", "x".repeat(2 * 1024 * 1024))).rejects.toThrow(ValueTooLargeError);
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const payload of [() => 1, new Date(0), Number.NaN, 1n, new Map(), [undefined], cyclic, Symbol("s")]) {
      await expect(publish(world, "m", payload)).rejects.toThrow(NotSerialisableError);
    }
    expect(await world.stores.events.list({ workflowId: world.workflow.id }, world.tx)).toEqual([]);
  },
  "peeks at pending events of one topic, oldest first, up to the limit": async (world) => {
    const { stores, workflow, topic, tx } = world;
    for (const messageId of ["c", "a", "b"]) await publish(world, messageId);
    const other = await stores.topics.getOrCreate(workflow.id, "rows", 1, tx);
    await stores.events.publish(
      { workflowId: workflow.id, topicId: other.id, messageId: "x", payload: 1, createdByRunId: null, inputIds: [] },
      1,
      tx,
    );
    expect((await stores.events.peek(workflow.id, topic.id, 2, tx)).map(({ messageId }) => messageId)).toEqual([
      "c",
      "a",
    ]);
    expect(await stores.events.oldestPendingAt(workflow.id, topic.id, tx)).toBe(10);
    expect(await stores.events.oldestPendingAt(workflow.id, other.id, tx)).toBe(1);
  },
  "reserves events for one run, and records it for ever": async (world) => {
    const { stores, tx } = world;
    const ids = [(await publish(world, "a")).id, (await publish(world, "b")).id];
    const run = await world.startRun();
    const reserved = await stores.events.reserve(ids, run.id, 3, 20, tx);
    expect(
      reserved.map(({ status, reservedByRunId, attemptNumber }) => [status, reservedByRunId, attemptNumber]),
    ).toEqual([
      ["reserved", run.id, 3],
      ["reserved", run.id, 3],
    ]);
    await stores.events.release(run.id, 21, tx);
    expect(await stores.events.listByRun(run.id, tx)).toEqual([]);
    expect(await stores.events.peek(world.workflow.id, world.topic.id, 9, tx)).toHaveLength(2);
  },
  "reserves all of the asked events or none, and names those that were not pending": async (world) => {
    const { stores, tx } = world;
    const [a, b] = [(await publish(world, "a")).id, (await publish(world, "b")).id];
    const run = await world.startRun();
    await stores.events.reserve([a], run.id, 1, 20, tx);
    const error: unknown = await stores.events
      .reserve([a, b, "nope" as EventId], run.id, 1, 21, tx)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ReservationConflictError);
    expect((error as ReservationConflictError).eventIds).toEqual([a, "nope"]);
    expect((await stores.events.get(b, tx)).status).toBe("pending");
  },
  "consumes what a run reserved, and nothing else": async (world) => {
    const { stores, tx } = world;
    const [a, b] = [(await publish(world, "a")).id, (await publish(world, "b")).id];
    const run = await world.startRun();
    await stores.events.reserve([a], run.id, 1, 20, tx);
    expect(await stores.events.consume(run.id, 21, tx)).toBe(1);
    expect(await stores.events.consume(run.id, 22, tx)).toBe(0);
    expect(await stores.events.release(run.id, 22, tx)).toBe(0);
    expect((await stores.events.get(a, tx)).status).toBe("consumed");
    expect((await stores.events.get(b, tx)).status).toBe("pending");
  },
  "transfers reservations to the run that takes over": async (world) => {
    const { stores, tx } = world;
    const { id } = await publish(world, "a");
    const run = await world.startRun();
    await stores.events.reserve([id], run.id, 1, 20, tx);
    await stores.handlerRuns.transition(run, run, { phase: "preparing", status: "crashed" }, tx);
    const next = await world.startRun();
    expect(await stores.events.transfer(run.id, next.id, 2, 21, tx)).toBe(1);
    expect(await stores.events.get(id, tx)).toMatchObject({
      reservedByRunId: next.id,
      attemptNumber: 2,
      status: "reserved",
    });
    expect(await stores.events.release(run.id, 22, tx)).toBe(0);
  },
  "links events to inputs, and finds one by the other": async (world) => {
    const { stores, workflow, topic, tx } = world;
    const [one, two] = [await registerInput(world, "1"), await registerInput(world, "2")];
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: "a",
      payload: 1,
      createdByRunId: null,
      inputIds: [one.id, two.id, one.id],
    };
    const { id } = await stores.events.publish(event, 10, tx);
    const run = await world.startRun();
    await stores.events.reserve([id], run.id, 1, 11, tx);
    expect(await stores.events.inputsOfRun(run.id, tx)).toEqual([one.id, two.id].toSorted((a, b) => (a < b ? -1 : 1)));
    expect((await stores.events.listByInput(one.id, tx)).map((found) => found.id)).toEqual([id]);
    expect(await stores.events.runsHoldingInput(two.id, tx)).toEqual([run.id]);
  },
  "publishes what has an active input: new, again while it is pending, and not after that": async (world) => {
    const { database, stores, workflow, topic, tx } = world;
    const [one, two] = [await registerInput(world, "1"), await registerInput(world, "2")];
    const event = { workflowId: workflow.id, topicId: topic.id, messageId: "a", createdByRunId: null };
    const publishOfActive = (payload: number, inputIds: InputId[], now: number) =>
      database.transaction((inner) => stores.events.publishOfActive({ ...event, payload, inputIds }, now, inner), tx);
    const { id, outcome } = await publishOfActive(1, [one.id], 10);
    expect(outcome).toBe("created");
    expect(await publishOfActive(2, [one.id, two.id], 11)).toEqual({ id, outcome: "replaced" });
    expect(await stores.events.get(id, tx)).toMatchObject({ payload: 2, status: "pending", updatedAt: 11 });
    for (const input of [one, two])
      expect((await stores.events.listByInput(input.id, tx)).map((found) => found.id)).toEqual([id]);
    await stores.events.reserve([id], (await world.startRun()).id, 1, 12, tx);
    expect(await publishOfActive(3, [one.id], 13)).toEqual({ id, outcome: "unchanged" });
    expect(await stores.events.get(id, tx)).toMatchObject({ payload: 2, status: "reserved" });
  },
  "leaves nothing of an event without its input where the transaction fails with it": async (world) => {
    const { database, stores, workflow, topic, tx } = world;
    const event = { workflowId: workflow.id, topicId: topic.id, messageId: "a", payload: 1, createdByRunId: null };
    const inputIds = ["nope" as InputId];
    const publishing = database.transaction(
      (inner) => stores.events.publishOfActive({ ...event, inputIds }, 10, inner),
      tx,
    );
    await expect(publishing).rejects.toThrow(ConstraintViolationError);
    expect(await stores.events.findByMessageId(topic.id, "a", tx)).toBeNull();
  },
  "skips an event once every input behind it is skipped": async (world) => {
    const { stores, workflow, topic, tx } = world;
    const [one, two] = [await registerInput(world, "1"), await registerInput(world, "2")];
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: "a",
      payload: 1,
      createdByRunId: null,
      inputIds: [one.id, two.id],
    };
    const { id } = await stores.events.publish(event, 10, tx);
    await stores.inputs.skip(one.id, 11, tx);
    expect(await stores.events.skipPendingOfInput(one.id, 11, tx)).toBe(0);
    await stores.inputs.skip(two.id, 12, tx);
    expect(await stores.events.skipPendingOfInput(two.id, 12, tx)).toBe(1);
    expect((await stores.events.get(id, tx)).status).toBe("skipped");
  },
  "releases an event whose inputs were skipped meanwhile as skipped": async (world) => {
    const { stores, workflow, topic, tx } = world;
    const input = await registerInput(world, "1");
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: "a",
      payload: 1,
      createdByRunId: null,
      inputIds: [input.id],
    };
    const { id } = await stores.events.publish(event, 10, tx);
    const run = await world.startRun();
    await stores.events.reserve([id], run.id, 1, 11, tx);
    await stores.inputs.skip(input.id, 12, tx);
    expect(await stores.events.skipPendingOfInput(input.id, 12, tx)).toBe(0);
    expect(await stores.events.release(run.id, 13, tx)).toBe(1);
    expect((await stores.events.get(id, tx)).status).toBe("skipped");
    expect((await stores.events.publish({ ...event, messageId: "b" }, 14, tx)).outcome).toBe("created");
    expect(await stores.events.peek(workflow.id, topic.id, 9, tx)).toEqual([]);
  },
  "counts pending events of every asked topic, 0 where there is none": async (world) => {
    const { stores, workflow, tx } = world;
    await publish(world, "a");
    await publish(world, "b");
    const many = Array.from({ length: 1_200 }, (_, index) => `topic ${index}`);
    const counts = await stores.events.countPendingByTopic(workflow.id, ["mail", "rows", ...many], tx);
    expect(counts.get("mail")).toBe(2);
    expect(counts.get("rows")).toBe(0);
    expect(counts.size).toBe(1_202);
  },
  "lists events by filter, newest first": async (world) => {
    const { stores, workflow, topic, tx } = world;
    for (const messageId of ["a", "b", "c"]) await publish(world, messageId);
    const names = async (filter: object) =>
      (await stores.events.list({ workflowId: workflow.id, ...filter }, tx)).map((event) => event.messageId);
    expect(await names({})).toEqual(["c", "b", "a"]);
    expect(await names({ limit: 1, topicId: topic.id })).toEqual(["c"]);
    expect(await names({ status: "consumed" })).toEqual([]);
  },
  "deletes events, however many are named": async (world) => {
    const { stores, tx } = world;
    const { id } = await publish(world, "a");
    const missing = Array.from({ length: 1_500 }, (_, index) => `missing ${index}` as EventId);
    expect(await stores.events.delete([id, ...missing], tx)).toBe(1);
    await expect(stores.events.get(id, tx)).rejects.toThrow(NotFoundError);
  },
  "refuses an event of a topic that does not exist": async (world) => {
    const { stores, workflow, tx } = world;
    const event = {
      workflowId: workflow.id,
      topicId: "nope" as TopicId,
      messageId: "a",
      payload: 1,
      createdByRunId: null,
      inputIds: [],
    };
    await expect(stores.events.publish(event, 10, tx)).rejects.toThrow(ConstraintViolationError);
  },
  "names table, row and column of malformed JSON": async (world) => {
    const { database, stores, tx } = world;
    const { id } = await publish(world, "a");
    await database.transaction(
      ({ executor }) => executor.updateTable("events").set({ payload: "{" }).where("id", "=", id).execute(),
      tx,
    );
    const error: unknown = await stores.events.get(id, tx).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CorruptRowError);
    expect(error).toMatchObject({ table: "events", id, column: "payload" });
  },
});
