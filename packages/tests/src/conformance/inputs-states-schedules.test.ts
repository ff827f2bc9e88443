import {
  ConstraintViolationError,
  NotFoundError,
  NotSerialisableError,
  ValueTooLargeError,
  type InputId,
  type NotificationId,
  type ProducerSchedule,
  type RunId,
  type WakeTime,
  type WorkflowId,
} from "@millrace/db";
import { expect } from "vitest";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES, type StoreWorld } from "../support/store-behaviours.ts";

function input({ workflow }: StoreWorld, externalId: string, patch: object = {}) {
  return {
    workflowId: workflow.id,
    source: "mail",
    type: "message",
    externalId,
    title: "A mail",
    createdByRunId: null,
    ...patch,
  };
}

describeStore("InputStore", {
  "registers an input once; later ones change nothing": async (world) => {
    const { stores, tx } = world;
    const first = await stores.inputs.getOrCreate(input(world, "1"), 5, tx);
    expect(first.created).toBe(true);
    const again = await stores.inputs.getOrCreate(input(world, "1", { title: "Other" }), 9, tx);
    expect(again).toEqual({ input: first.input, created: false });
    expect(await stores.inputs.get(first.input.id, tx)).toEqual(first.input);
  },
  "tells inputs apart by workflow, source, type and external id": async (world) => {
    const { stores, tx } = world;
    const other = await stores.workflows.create({ name: "other", status: "active", handlerConfig: {} }, 1, tx);
    for (const patch of [{}, { source: "feed" }, { type: "invoice" }, { workflowId: other.id }]) {
      expect((await stores.inputs.getOrCreate(input(world, "1", patch), 5, tx)).created).toBe(true);
    }
  },
  "lists inputs by filter, newest first": async (world) => {
    const { stores, workflow, tx } = world;
    const a = (await stores.inputs.getOrCreate(input(world, "a"), 5, tx)).input;
    const b = (await stores.inputs.getOrCreate(input(world, "b", { source: "feed", type: "item" }), 6, tx)).input;
    await stores.inputs.skip(a.id, 7, tx);
    const ids = async (filter: object) => (await stores.inputs.list(filter, tx)).map(({ id }) => id);
    expect(await ids({ workflowId: workflow.id })).toEqual([b.id, a.id]);
    expect(await ids({ source: "feed", type: "item" })).toEqual([b.id]);
    expect(await ids({ status: "skipped" })).toEqual([a.id]);
    expect(await ids({ limit: 1 })).toEqual([b.id]);
  },
  "skips an input once": async (world) => {
    const { stores, tx } = world;
    const { id } = (await stores.inputs.getOrCreate(input(world, "a"), 5, tx)).input;
    expect(await stores.inputs.skip(id, 7, tx)).toBe(true);
    expect(await stores.inputs.skip(id, 8, tx)).toBe(false);
    expect(await stores.inputs.get(id, tx)).toMatchObject({ status: "skipped", updatedAt: 7 });
    await expect(stores.inputs.skip("nope" as InputId, 8, tx)).rejects.toThrow(NotFoundError);
  },
  "keeps hostile identities as they are": async (world) => {
    for (const text of HOSTILE_STRINGS) {
      const { input: stored, created } = await world.stores.inputs.getOrCreate(
        input(world, text, { title: text }),
        5,
        world.tx,
      );
      expect(created).toBe(true);
      expect(stored).toMatchObject({ externalId: text, title: text });
    }
  },
  "deletes an input, and says that a missing one is missing": async (world) => {
    const { stores, tx } = world;
    const { id } = (await stores.inputs.getOrCreate(input(world, "a"), 5, tx)).input;
    expect(await stores.inputs.delete(id, tx)).toBe(1);
    expect(await stores.inputs.delete(id, tx)).toBe(0);
    expect(await stores.inputs.find(id, tx)).toBeNull();
    await expect(stores.inputs.get(id, tx)).rejects.toThrow(NotFoundError);
  },
});

describeStore("HandlerStateStore", {
  "keeps state of every shape, one for each handler": async ({ stores, workflow, tx }) => {
    for (const [index, state] of JSON_VALUES.entries()) {
      const key = { workflowId: workflow.id, handlerName: `handler ${index}` };
      await stores.handlerStates.saveState(key, state, "r" as RunId, 5, tx);
      await stores.handlerStates.saveState(key, state, null, 6, tx);
      expect(await stores.handlerStates.find(key, tx)).toMatchObject({ ...key, state, wakeAt: 0, updatedAt: 6 });
    }
    expect(await stores.handlerStates.getForWorkflow(workflow.id, tx)).toHaveLength(JSON_VALUES.length);
    expect(await stores.handlerStates.find({ workflowId: workflow.id, handlerName: "nope" }, tx)).toBeNull();
  },
  "keeps state and wake time apart": async ({ stores, workflow, tx }) => {
    const key = { workflowId: workflow.id, handlerName: "digest" };
    await stores.handlerStates.saveWakeAt(key, 50, null, 5, tx);
    await stores.handlerStates.saveState(key, { n: 1 }, null, 6, tx);
    expect(await stores.handlerStates.find(key, tx)).toMatchObject({ state: { n: 1 }, wakeAt: 50 });
    await stores.handlerStates.saveWakeAt(key, 0, null, 7, tx);
    expect(await stores.handlerStates.find(key, tx)).toMatchObject({ state: { n: 1 }, wakeAt: 0 });
  },
  "finds those whose wake time has come, soonest first": async ({ stores, workflow, tx }) => {
    const names = { late: 300, soon: 100, never: 0, next: 200 };
    for (const [handlerName, wakeAt] of Object.entries(names))
      await stores.handlerStates.saveWakeAt({ workflowId: workflow.id, handlerName }, wakeAt, null, 5, tx);
    expect(
      (await stores.handlerStates.getConsumersWithDueWakeAt(200, tx)).map(({ handlerName }) => handlerName),
    ).toEqual(["soon", "next"]);
    expect((await stores.handlerStates.listWaking(undefined, tx)).map(({ handlerName }) => handlerName)).toEqual([
      "soon",
      "next",
      "late",
    ]);
    const times: WakeTime[] = [];
    await stores.handlerStates.eachWakeTime((time) => void times.push(time), tx);
    const of = (handlerName: keyof typeof names) => ({
      workflowId: workflow.id,
      handlerName,
      wakeAt: names[handlerName],
    });
    expect(times).toEqual([of("soon"), of("next"), of("late")]);
  },
  "refuses a state that is too large or no JSON, and a wake time before 1970": async ({ stores, workflow, tx }) => {
    const key = { workflowId: workflow.id, handlerName: "digest" };
    await expect(stores.handlerStates.saveState(key, "x".repeat(2 * 1024 * 1024), null, 5, tx)).rejects.toThrow(
      ValueTooLargeError,
    );
    await expect(stores.handlerStates.saveState(key, undefined, null, 5, tx)).rejects.toThrow(NotSerialisableError);
    await expect(stores.handlerStates.saveWakeAt(key, -1, null, 5, tx)).rejects.toThrow(ConstraintViolationError);
  },
  "deletes a state and says so": async ({ stores, workflow, tx }) => {
    const key = { workflowId: workflow.id, handlerName: "digest" };
    await stores.handlerStates.saveState(key, 1, null, 5, tx);
    expect(await stores.handlerStates.delete(key, tx)).toBe(1);
    expect(await stores.handlerStates.delete(key, tx)).toBe(0);
  },
});

describeStore("ProducerScheduleStore", {
  "saves one schedule for a producer, and replaces it": async ({ stores, workflow, tx }) => {
    const schedule = {
      workflowId: workflow.id,
      producerName: "poll",
      scheduleType: "interval",
      scheduleValue: "5m",
      timezone: "UTC",
      dstGap: "shift",
      dstOverlap: "first",
      nextRunAt: 10,
    } as const;
    const clocks = { dstGap: "skip", dstOverlap: "both" } as const;
    const first = await stores.producerSchedules.save(schedule, tx);
    const second = await stores.producerSchedules.save(
      { ...schedule, scheduleType: "cron", scheduleValue: "0 9 * * *", ...clocks, nextRunAt: 20 },
      tx,
    );
    expect(second).toEqual({ ...first, scheduleType: "cron", scheduleValue: "0 9 * * *", ...clocks, nextRunAt: 20 });
    expect(await stores.producerSchedules.getForWorkflow(workflow.id, tx)).toEqual([second]);
  },
  "finds what is due, soonest first, and advances it": async ({ stores, workflow, tx }) => {
    const times = { b: 20, a: 10, c: 30 };
    for (const [producerName, nextRunAt] of Object.entries(times)) {
      await stores.producerSchedules.save(
        {
          workflowId: workflow.id,
          producerName,
          scheduleType: "interval",
          scheduleValue: "1s",
          timezone: "UTC",
          dstGap: "shift",
          dstOverlap: "first",
          nextRunAt,
        },
        tx,
      );
    }
    const due = async (now: number) =>
      (await stores.producerSchedules.getDue(now, tx)).map(({ producerName }) => producerName);
    expect(await due(20)).toEqual(["a", "b"]);
    const overdue = async (before: number, limit: number) =>
      (await stores.producerSchedules.listOverdue(before, limit, tx)).map(({ producerName }) => producerName);
    expect(await overdue(30, 10)).toEqual(["a", "b"]);
    expect(await overdue(30, 1)).toEqual(["a"]);
    expect(await overdue(10, 10)).toEqual([]);
    await stores.producerSchedules.advance(workflow.id, "a", { lastRunAt: 20, nextRunAt: 40 }, tx);
    expect(await due(20)).toEqual(["b"]);
    expect((await stores.producerSchedules.list(tx)).map(({ producerName }) => producerName)).toEqual(["b", "c", "a"]);
  },
  "lists those of a stretch of workflows, and when they are due": async ({ stores, workflow, tx }) => {
    const other = await stores.workflows.create({ name: "other", status: "active", handlerConfig: {} }, 1, tx);
    const rows: ProducerSchedule[] = [];
    for (const workflowId of [workflow.id, other.id].toSorted()) {
      const interval = { scheduleType: "interval", scheduleValue: "1s", timezone: "UTC" } as const;
      const clocks = { dstGap: "shift", dstOverlap: "first" } as const;
      const schedule = { workflowId, producerName: "poll", ...interval, ...clocks, nextRunAt: rows.length };
      rows.push(await stores.producerSchedules.save(schedule, tx));
    }
    const [first, last] = rows;
    const all = { after: null, until: last!.workflowId };
    expect(await stores.producerSchedules.listOfStretch(all, tx)).toEqual(rows);
    expect(await stores.producerSchedules.listOfStretch({ ...all, until: first!.workflowId }, tx)).toEqual([first]);
    expect(await stores.producerSchedules.listOfStretch({ ...all, after: first!.workflowId }, tx)).toEqual([last]);
    const times = rows.map(({ workflowId, producerName, nextRunAt }) => ({ workflowId, producerName, nextRunAt }));
    expect(await stores.producerSchedules.listDueTimes(all, tx)).toEqual(times);
    expect(await stores.producerSchedules.listDueTimes({ ...all, after: first!.workflowId }, tx)).toEqual([times[1]]);
  },
  "deletes the named ones, and says that a missing one is missing": async ({ stores, workflow, tx }) => {
    await stores.producerSchedules.save(
      {
        workflowId: workflow.id,
        producerName: "a",
        scheduleType: "interval",
        scheduleValue: "1s",
        timezone: "UTC",
        dstGap: "shift",
        dstOverlap: "first",
        nextRunAt: 1,
      },
      tx,
    );
    expect(await stores.producerSchedules.delete(workflow.id, [], tx)).toBe(0);
    expect(await stores.producerSchedules.delete(workflow.id, ["a", "b"], tx)).toBe(1);
    const times = { lastRunAt: 1, nextRunAt: 2 };
    await expect(stores.producerSchedules.advance(workflow.id, "a", times, tx)).rejects.toThrow(NotFoundError);
  },
});

describeStore("NotificationStore", {
  "creates, lists and closes notifications": async ({ stores, workflow, tx }) => {
    const created = [];
    for (const message of HOSTILE_STRINGS) {
      created.push(
        await stores.notifications.create(
          { workflowId: workflow.id, runId: null, mutationId: null, kind: "logic", message },
          5,
          tx,
        ),
      );
    }
    expect(await stores.notifications.listOpen(workflow.id, tx)).toEqual(created);
    const [first] = created;
    await stores.notifications.resolve(first!.id, 9, tx);
    expect(await stores.notifications.get(first!.id, tx)).toMatchObject({ resolvedAt: 9 });
    expect(await stores.notifications.listOpen(undefined, tx)).toEqual(created.slice(1));
    await expect(stores.notifications.resolve(first!.id, 9, tx)).rejects.toThrow(NotFoundError);
  },
  "closes all that match": async ({ stores, workflow, tx }) => {
    const create = (runId: RunId | null, kind: "logic" | "missing_code") =>
      stores.notifications.create({ workflowId: workflow.id, runId, mutationId: null, kind, message: "m" }, 5, tx);
    await create("r1" as RunId, "logic");
    await create("r2" as RunId, "logic");
    await create(null, "missing_code");
    expect(await stores.notifications.resolveMatching({ runId: "r1" as RunId }, 6, tx)).toBe(1);
    expect(
      await stores.notifications.resolveMatching({ workflowId: workflow.id, kinds: ["missing_code"] }, 6, tx),
    ).toBe(1);
    expect(await stores.notifications.resolveMatching({ workflowId: "nope" as WorkflowId }, 6, tx)).toBe(0);
    expect(await stores.notifications.listOpen(workflow.id, tx)).toHaveLength(1);
  },
  "deletes one, and says that a missing one is missing": async ({ stores, workflow, tx }) => {
    const { id } = await stores.notifications.create(
      { workflowId: workflow.id, runId: null, mutationId: null, kind: "logic", message: "m" },
      5,
      tx,
    );
    expect(await stores.notifications.delete(id, tx)).toBe(1);
    expect(await stores.notifications.delete(id, tx)).toBe(0);
    await expect(stores.notifications.get("nope" as NotificationId, tx)).rejects.toThrow(NotFoundError);
  },
});
