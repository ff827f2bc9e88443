/** Events set jobs off. */
import { InvalidJobError, JobStateError } from "@millrace/agent";
import { NotSerialisableError, ValueTooLargeError } from "@millrace/db";
import { expect } from "vitest";
import { z } from "zod";
import {
  EVERY_DAY,
  ONCE,
  START,
  onlyExecution,
  refusalWithoutTrace,
  type SchedulerBehaviours,
} from "./scheduler-bench.ts";

export const events: SchedulerBehaviours = {
  "an event that nobody waits for makes nothing": async ({ scheduler }) => {
    expect(await scheduler.triggerEvent("paid", { amount: 1 })).toEqual([]);
    expect((await scheduler.getMetrics()).open).toEqual({ pending: 0, running: 0 });
  },

  "each handler of an event has an execution of its own, with its payload": async (world) => {
    const { scheduler } = world;
    const heard: unknown[] = [];
    const first = await scheduler.onEvent("paid", (payload) => heard.push(["first", payload]), { name: "first" });
    const second = await scheduler.onEvent("paid", (payload) => heard.push(["second", payload]), { name: "second" });
    await scheduler.onEvent("refunded", (payload) => heard.push(["refunded", payload]));
    const made = await scheduler.triggerEvent("paid", { amount: 1 }, { by: "Ada" });
    expect(made.map(({ jobId }) => jobId)).toEqual([first.id, second.id]);
    expect(made[0]).toMatchObject({ origin: "event", payload: { amount: 1 }, createdBy: "Ada", scheduledAt: START });
    await world.idle();
    expect(heard).toEqual(
      expect.arrayContaining([
        ["first", { amount: 1 }],
        ["second", { amount: 1 }],
      ]),
    );
    expect(heard).toHaveLength(2);
  },

  "a handler that fails does not touch the others": async (world) => {
    const { scheduler } = world;
    const heard: string[] = [];
    const fail = () => {
      throw new Error("no");
    };
    const failing = await scheduler.onEvent("paid", fail, { name: "failing", maxRetries: 0 });
    const good = await scheduler.onEvent("paid", () => heard.push("good"), { name: "good" });
    await scheduler.triggerEvent("paid");
    await world.idle();
    expect(await onlyExecution(world, failing)).toMatchObject({ status: "failed", error: "no" });
    expect(await onlyExecution(world, good)).toMatchObject({ status: "success" });
    expect(await scheduler.getJob(failing.id)).toMatchObject({ status: "active", failureCount: 1 });
    expect(heard).toEqual(["good"]);
  },

  "an event is known by its id, handler by handler": async (world) => {
    const { scheduler } = world;
    let heard = 0;
    await scheduler.onEvent("paid", () => (heard += 1), { name: "a" });
    const once = await scheduler.triggerEvent("paid", 1, { eventId: "42" });
    expect(once).toMatchObject([{ eventId: "42" }]);
    expect(await scheduler.triggerEvent("paid", 1, { eventId: "42" })).toEqual([]);
    await world.idle();
    expect(await scheduler.triggerEvent("paid", 2, { eventId: "42" })).toEqual([]);
    expect(await scheduler.triggerEvent("paid", 1, { eventId: "43" })).toHaveLength(1);
    expect(await scheduler.triggerEvent("paid", 1)).toHaveLength(1);
    expect(await scheduler.triggerEvent("paid", 1)).toHaveLength(1);
    await scheduler.onEvent("paid", () => (heard += 1), { name: "b" });
    expect(await scheduler.triggerEvent("paid", 1, { eventId: "42" })).toHaveLength(1);
    await world.idle();
    expect(heard).toBe(5);
  },

  "onEvent passes its options on": async ({ scheduler }) => {
    const options = {
      name: "ledger",
      description: "Books it",
      maxRetries: 1,
      retryDelay: "5s",
      timeout: "1m",
      priority: 9,
      maxConcurrency: 2,
      tags: ["money"],
    };
    const job = await scheduler.onEvent("paid", () => null, options);
    expect(job).toMatchObject({
      type: "event",
      eventName: "paid",
      name: "ledger",
      description: "Books it",
      maxRetries: 1,
      retryDelayMs: 5_000,
      timeoutMs: 60_000,
      priority: 9,
      maxConcurrency: 2,
      tags: ["money"],
    });
  },

  "handlers whose names could be confused are not": async ({ scheduler }) => {
    const first = await scheduler.onEvent("a:b", () => null, { name: "c" });
    const second = await scheduler.onEvent("a", () => null, { name: "b:c" });
    const third = await scheduler.onEvent('a":', () => null, { name: "b:c" });
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    const longest = "ß".repeat(200);
    expect(await scheduler.onEvent(longest, () => null)).toMatchObject({ eventName: longest, name: longest });
  },

  "an event's payload is checked by the handler that has a schema": async (world) => {
    const heard: unknown[] = [];
    const payload = z.object({ amount: z.int() });
    // The payload of a job is given by its events, so there is none to check yet.
    const job = await world.scheduler.onEvent("paid", (value) => heard.push(value), { payload: payload.nullable() });
    await world.scheduler.triggerEvent("paid", { amount: "much" });
    await world.scheduler.triggerEvent("paid", { amount: 3 });
    await world.idle();
    expect(heard).toEqual([{ amount: 3 }]);
    expect(await world.scheduler.getJob(job.id)).toMatchObject({ successCount: 1, failureCount: 1 });
    expect((await world.scheduler.listDeadLetters()).items).toMatchObject([{ errorType: "SchemaError", attempt: 1 }]);
  },

  "handlers are listed, and one that is disabled hears nothing": async (world) => {
    const { scheduler } = world;
    const a = await scheduler.onEvent("paid", () => null, { name: "a" });
    const b = await scheduler.schedule({ ...ONCE, type: "event", event: "paid" });
    const enabled = async () =>
      (await scheduler.listEventHandlers()).map((handler) => [handler.jobId, handler.enabled]);
    expect(await enabled()).toEqual([
      [a.id, true],
      [b.id, true],
    ]);
    await scheduler.setEventHandlerEnabled(a.id, false);
    await scheduler.setEventHandlerEnabled(a.id, false);
    expect(await enabled()).toEqual([
      [a.id, false],
      [b.id, true],
    ]);
    expect(await scheduler.triggerEvent("paid")).toMatchObject([{ jobId: b.id }]);
    await scheduler.reschedule(a.id, { description: "edited" });
    expect(await enabled()).toContainEqual([a.id, false]);
    await scheduler.setEventHandlerEnabled(a.id, true);
    expect(await scheduler.triggerEvent("paid")).toHaveLength(2);
    await scheduler.unschedule(a.id);
    expect(await enabled()).toEqual([[b.id, true]]);
    await world.idle();
  },

  "a handler that waits for another event from now on does not hear the old one": async ({ scheduler }) => {
    const job = await scheduler.schedule({ ...ONCE, type: "event", event: "paid" });
    await scheduler.reschedule(job.id, { event: "refunded" });
    expect(await scheduler.triggerEvent("paid")).toEqual([]);
    expect(await scheduler.triggerEvent("refunded")).toHaveLength(1);
  },

  "a handler that is cancelled hears nothing, and one that is paused hears it later": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule({ ...ONCE, type: "event", event: "paid" });
    await scheduler.pauseJob(job.id);
    expect(await scheduler.triggerEvent("paid", "kept")).toMatchObject([{ status: "pending", waitsFor: "resume" }]);
    await world.advance("1h");
    expect(world.notes).toHaveLength(0);
    await scheduler.resumeJob(job.id);
    await world.idle();
    expect(world.notes.map(({ payload }) => payload)).toEqual(["kept"]);
    await scheduler.cancelJob(job.id);
    expect(await scheduler.triggerEvent("paid")).toEqual([]);
  },

  "bad input to triggerEvent makes nothing": async (world) => {
    const { scheduler } = world;
    await scheduler.onEvent("paid", () => null);
    const trigger = (name: unknown, payload?: unknown, options?: unknown) => () =>
      scheduler.triggerEvent(name as string, payload, options as object);
    for (const name of ["", "x".repeat(201), null, 5, {}])
      await refusalWithoutTrace(world, trigger(name), InvalidJobError, "event");
    const ring: Record<string, unknown> = {};
    ring["ring"] = ring;
    for (const payload of [() => 1, ring, new Date(START), Number.NaN, { deep: [1n] }])
      await refusalWithoutTrace(world, trigger("paid", payload), NotSerialisableError, "payload", "paid");
    await refusalWithoutTrace(world, trigger("paid", "x".repeat(2_000_000)), ValueTooLargeError, "payload", "limit");
    for (const eventId of ["", 5, null, {}, "x".repeat(1_001)])
      await refusalWithoutTrace(world, trigger("paid", 1, { eventId }), InvalidJobError, "eventId");
    await refusalWithoutTrace(world, trigger("paid", 1, { by: {} }), InvalidJobError, "by");
    await refusalWithoutTrace(world, trigger("paid", 1, { colour: 1 }), InvalidJobError, "colour");
  },

  "only an event's handler can be enabled or disabled": async (world) => {
    const { scheduler } = world;
    const daily = await scheduler.schedule(EVERY_DAY);
    const call = () => scheduler.setEventHandlerEnabled(daily.id, false);
    await refusalWithoutTrace(world, call, JobStateError, "daily", "event");
    const job = await scheduler.onEvent("paid", () => null);
    const maybe = () => scheduler.setEventHandlerEnabled(job.id, "maybe" as never);
    await refusalWithoutTrace(world, maybe, InvalidJobError, "enabled");
  },
};
