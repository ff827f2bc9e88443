/** Executions: their history, their logs, their end, and their repetition. */
import { InvalidJobError, JobStateError, RetryAfterError, SnoozeError, UnknownNameError } from "@millrace/agent";
import { expect } from "vitest";
import {
  DAY,
  EVERY_HOUR,
  HOUR,
  ONCE,
  START,
  collect,
  failOnce,
  historyOf,
  onlyExecution,
  refusal,
  refusalWithoutTrace,
  type SchedulerBehaviours,
} from "./scheduler-bench.ts";

const BAD_LIMITS = [0, -1, 1.5, 1_001, Number.MAX_SAFE_INTEGER, Number.NaN, "10", null];
const BAD_CURSORS = ["", "nope", "1.2", "' or 1=1", "-5.00000000-0000-7000-8000-000000000000", 5, {}, null];

export const executions: SchedulerBehaviours = {
  "a history is given in pages without gap or repetition, the latest nominal time first": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.scheduleRecurring({ ...EVERY_HOUR, overlap: "allow" });
    await world.advance("6h");
    for (let count = 0; count < 4; count += 1) await scheduler.runJobNow(job.id);
    await world.idle();
    const all = (await scheduler.getJobHistory(job.id)).items;
    expect(all).toHaveLength(11);
    const times = all.map(({ scheduledAt }) => scheduledAt);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    for (const limit of [1, 2, 3, 5, 11, 1_000]) {
      const paged = await collect((cursor) => scheduler.getJobHistory(job.id, { cursor, limit }));
      expect(paged).toEqual(all);
    }
  },

  "a history is filtered by status and by nominal time": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.scheduleRecurring({ ...EVERY_HOUR, handler: "fragile", maxRetries: 0 });
    await world.advance("90m");
    world.trouble.on = false;
    await world.advance("2h");
    const times = async (options: object) =>
      (await scheduler.getJobHistory(job.id, options)).items.map(({ scheduledAt }) => (scheduledAt - START) / HOUR);
    expect(await times({})).toEqual([3, 2, 1, 0]);
    expect(await times({ statuses: ["failed"] })).toEqual([1, 0]);
    expect(await times({ statuses: ["success"] })).toEqual([3, 2]);
    expect(await times({ statuses: ["success", "failed"], limit: 3 })).toEqual([3, 2, 1]);
    expect(await times({ statuses: [] })).toEqual([]);
    expect(await times({ from: START + HOUR, until: START + 3 * HOUR })).toEqual([2, 1]);
    expect(await times({ from: START + 3 * HOUR })).toEqual([3]);
    expect(await times({ statuses: ["timeout"] })).toEqual([]);
  },

  "bad options of lists of executions are refused": async (world) => {
    const { scheduler } = world;
    const { job } = await failOnce(world);
    const lists = [
      (options: object) => scheduler.getJobHistory(job.id, options),
      (options: object) => scheduler.listDeadLetters(options),
    ];
    for (const list of lists) {
      for (const limit of BAD_LIMITS) await refusalWithoutTrace(world, () => list({ limit }), InvalidJobError, "limit");
      for (const cursor of BAD_CURSORS)
        await refusalWithoutTrace(world, () => list({ cursor }), InvalidJobError, "cursor");
      await refusalWithoutTrace(world, () => list({ colour: "red" }), InvalidJobError, "colour");
      await refusalWithoutTrace(world, () => list(null as never), InvalidJobError);
    }
    const history = (options: unknown) => () => scheduler.getJobHistory(job.id, options as object);
    await refusalWithoutTrace(world, history({ statuses: ["lost"] }), InvalidJobError, "statuses");
    await refusalWithoutTrace(world, history({ from: "yesterday" }), InvalidJobError, "from");
    await refusalWithoutTrace(world, history({ until: -1 }), InvalidJobError, "until");
  },

  "an execution is given with what became of it, and its log": async (world) => {
    const job = await world.scheduler.scheduleOnce({ ...ONCE, payload: 7 });
    await world.idle();
    const { id } = await onlyExecution(world, job);
    const { execution, logs } = await world.scheduler.getExecution(id);
    expect(execution).toMatchObject({
      jobId: job.id,
      jobVersion: 1,
      handlerName: "note",
      origin: "schedule",
      status: "success",
      attempt: 1,
      retryCount: 0,
      result: { noted: 7 },
      error: null,
      completedAt: START,
      durationMs: 0,
      retryOf: null,
      redrivenBy: null,
    });
    expect(logs.map(({ level, message, data }) => [level, message, data])).toEqual([
      ["info", "noted", { payload: 7 }],
      ["warn", "that is all", null],
    ]);
    expect(world.notes[0]?.context.idempotencyKey).toBe(execution.idempotencyKey);
  },

  "log lines are filtered by level and taken from where one stopped": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.scheduleOnce(ONCE);
    await world.idle();
    const { id } = await onlyExecution(world, job);
    const [first, second] = await scheduler.getExecutionLogs(id);
    expect(await scheduler.getExecutionLogs(id, { levels: ["warn", "error"] })).toEqual([second]);
    expect(await scheduler.getExecutionLogs(id, { limit: 1 })).toEqual([first]);
    expect(await scheduler.getExecutionLogs(id, { afterSeq: first?.seq })).toEqual([second]);
    expect(await scheduler.getExecutionLogs(id, { afterSeq: second?.seq })).toEqual([]);
    const logs = (options: unknown) => () => scheduler.getExecutionLogs(id, options as object);
    for (const limit of [0, -1, 1.5, 10_001])
      await refusalWithoutTrace(world, logs({ limit }), InvalidJobError, "limit");
    await refusalWithoutTrace(world, logs({ afterSeq: -1 }), InvalidJobError, "afterSeq");
    await refusalWithoutTrace(world, logs({ levels: ["loud"] }), InvalidJobError, "levels");
    await refusalWithoutTrace(world, logs({ colour: 1 }), InvalidJobError, "colour");
  },

  "an execution that waits is cancelled at once, one that runs through its signal": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule({ ...ONCE, handler: "slow", type: "event", event: "go", maxConcurrency: 1 });
    const [running] = await scheduler.triggerEvent("go");
    await world.door.reached;
    const [waiting] = await scheduler.triggerEvent("go");
    for (const made of [running, waiting])
      await refusal(() => scheduler.retryExecution(made?.id ?? ""), JobStateError, made?.id ?? "", "not over");
    const cancelled = await scheduler.cancelExecution(waiting?.id ?? "", { reason: "too many" });
    expect(cancelled).toMatchObject({ status: "cancelled", reason: "too many", completedAt: START });
    const told = await scheduler.cancelExecution(running?.id ?? "", { reason: "enough" });
    expect(told).toMatchObject({ cancelRequestedAt: START });
    await world.idle();
    const ends = (await historyOf(world, job)).map(({ status, reason }) => [status, reason]);
    expect(ends).toEqual(
      expect.arrayContaining([
        ["cancelled", "enough"],
        ["cancelled", "too many"],
      ]),
    );
    const again = () => scheduler.cancelExecution(running?.id ?? "");
    await refusalWithoutTrace(world, again, JobStateError, running?.id ?? "", "cancelled");
    expect(await scheduler.getJob(job.id)).toMatchObject({ successCount: 0, failureCount: 0 });
  },

  "whatever a handler throws ends its execution": async (world) => {
    const oddities = [Object.create(null), null, undefined, 0, "text", Symbol("s"), () => 1, new Proxy({}, {})];
    const strange = Object.assign(new Error("no text"), { message: { deep: true }, name: 5, stack: null });
    for (const thrown of [...oddities, strange, new RetryAfterError("later", 5)]) {
      world.trouble.thrown = thrown;
      const { execution } = await failOnce(world);
      expect(execution).toMatchObject({ status: "failed", error: expect.any(String), errorType: expect.any(String) });
    }
  },

  "a wait that is no number is none, and one without end is a year": async (world) => {
    const { scheduler } = world;
    for (const [thrown, dueAt] of [
      [new SnoozeError("later", Number.POSITIVE_INFINITY), START + 365 * DAY],
      [new RetryAfterError("later", Number.POSITIVE_INFINITY), START + 365 * DAY],
      [new RetryAfterError("later", 0.5), START + 1],
    ] as const) {
      world.trouble.thrown = thrown;
      const job = await scheduler.scheduleOnce({ ...ONCE, handler: "fragile" });
      await world.idle();
      expect(await onlyExecution(world, job)).toMatchObject({ status: "pending", attempt: 1, dueAt });
      await scheduler.cancelJob(job.id);
    }
    world.trouble.thrown = new RetryAfterError("later", Number.NaN);
    const job = await scheduler.scheduleOnce({ ...ONCE, handler: "fragile", maxRetries: 2 });
    await world.idle();
    expect(await onlyExecution(world, job)).toMatchObject({ status: "failed", attempt: 3 });
  },

  "what failed is repeated under its idempotency key, and names what repeats it": async (world) => {
    const { scheduler } = world;
    const { job, execution } = await failOnce(world);
    expect(job).toMatchObject({ status: "failed", failureCount: 1 });
    expect(execution).toMatchObject({ status: "failed", error: "the glass broke", errorType: "Error", retryCount: 1 });
    world.trouble.on = false;
    const repeated = await scheduler.retryExecution(execution.id, { by: "Ada" });
    expect(repeated).toMatchObject({ origin: "retry", retryOf: execution.id, createdBy: "Ada", status: "pending" });
    expect(repeated.idempotencyKey).toBe(execution.idempotencyKey);
    await world.idle();
    const twice = () => scheduler.retryExecution(execution.id);
    await refusalWithoutTrace(world, twice, JobStateError, execution.id, repeated.id);
    const old = (await scheduler.getExecution(execution.id)).execution;
    expect(old).toMatchObject({ status: "failed", redrivenBy: repeated.id });
    expect((await scheduler.getExecution(repeated.id)).execution).toMatchObject({ status: "success", retryOf: old.id });
    expect(await scheduler.getJob(job.id)).toMatchObject({ status: "completed" });
  },

  "what succeeded is repeated under a new idempotency key, with the same payload": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule({ ...ONCE, type: "event", event: "go" });
    const [first] = await scheduler.triggerEvent("go", "payload");
    await world.idle();
    const repeated = await scheduler.retryExecution(first?.id ?? "");
    expect(repeated).toMatchObject({ retryOf: first?.id, payload: "payload", jobId: job.id });
    expect(repeated.idempotencyKey).not.toBe(first?.idempotencyKey);
    await world.idle();
    const again = await scheduler.retryExecution(repeated.id);
    expect(again.retryOf).toBe(repeated.id);
    await world.idle();
    expect(world.notes.map(({ payload }) => payload)).toEqual(["payload", "payload", "payload"]);
  },

  "nothing of a cancelled job is repeated": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule({ ...ONCE, handler: "fragile", type: "event", event: "go", maxRetries: 0 });
    const [execution] = await scheduler.triggerEvent("go");
    await world.idle();
    await scheduler.cancelJob(job.id);
    const call = () => scheduler.retryExecution(execution?.id ?? "");
    await refusalWithoutTrace(world, call, JobStateError, "once", "cancelled");
  },

  "dead letters are what failed for good and was not repeated, in pages, the latest first": async (world) => {
    const { scheduler } = world;
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.unshift((await failOnce(world, `failed ${count}`)).execution.id);
      await world.advance("1m");
    }
    await scheduler.scheduleOnce(ONCE);
    await world.idle();
    const dead = await collect((cursor) => scheduler.listDeadLetters({ cursor, limit: 2 }));
    expect(dead.map(({ id }) => id)).toEqual(ids);
    const [latest] = dead;
    const { items } = await scheduler.listDeadLetters({ jobId: latest?.jobId });
    expect(items.map(({ id }) => id)).toEqual([latest?.id]);
    world.trouble.on = false;
    const repeated = await scheduler.redrive(ids.slice(0, 2), { by: "Ada" });
    expect(repeated.map(({ retryOf, createdBy }) => [retryOf, createdBy])).toEqual([
      [ids[0], "Ada"],
      [ids[1], "Ada"],
    ]);
    await world.idle();
    expect((await scheduler.listDeadLetters()).items.map(({ id }) => id)).toEqual(ids.slice(2));
  },

  "redrive repeats all or none": async (world) => {
    const { scheduler } = world;
    const { execution } = await failOnce(world);
    const redrive = (ids: unknown) => () => scheduler.redrive(ids as string[]);
    await refusalWithoutTrace(world, redrive([execution.id, "nope"]), UnknownNameError, "nope");
    await refusalWithoutTrace(world, redrive([execution.id, execution.id]), JobStateError, execution.id);
    await refusalWithoutTrace(world, redrive(execution.id), InvalidJobError, "ids");
    await refusalWithoutTrace(world, redrive([execution.id, 5]), InvalidJobError);
    await refusalWithoutTrace(world, redrive(null), InvalidJobError);
    expect(await scheduler.redrive([])).toEqual([]);
    expect(await scheduler.redrive([execution.id])).toHaveLength(1);
  },

  "options of the wrong kind are refused": async (world) => {
    const { scheduler } = world;
    const { execution } = await failOnce(world);
    for (const bad of [5, {}, null]) {
      const by = bad as unknown as string;
      await refusalWithoutTrace(world, () => scheduler.retryExecution(execution.id, { by }), InvalidJobError, "by");
      await refusalWithoutTrace(world, () => scheduler.redrive([execution.id], { by }), InvalidJobError, "by");
      const cancel = () => scheduler.cancelExecution(execution.id, { reason: by });
      await refusalWithoutTrace(world, cancel, InvalidJobError, "reason");
    }
  },

  "secrets of a payload turn up neither in errors nor in results nor in logs": async (world) => {
    const { scheduler } = world;
    const password = "correct horse battery";
    const job = await scheduler.scheduleOnce({ ...ONCE, payload: { user: "ada", password } });
    await world.idle();
    const { execution, logs } = await scheduler.getExecution((await onlyExecution(world, job)).id);
    expect(execution.result).toEqual({ noted: { user: "ada", password: "[redacted]" } });
    expect(JSON.stringify([execution.result, execution.error, logs])).not.toContain(password);
    expect(world.notes[0]?.payload).toEqual({ user: "ada", password });
  },
};
