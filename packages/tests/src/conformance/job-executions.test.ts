import {
  ConstraintViolationError,
  CorruptRowError,
  EXECUTION_STATUSES,
  EXECUTION_TRANSITIONS,
  IllegalTransitionError,
  NotFoundError,
  NotSerialisableError,
  TransitionConflictError,
  ValueTooLargeError,
  type ExecutionStatus,
  type Job,
  type JobExecutionId,
  type JobId,
  type NewJobExecution,
} from "@millrace/db";
import { sql } from "kysely";
import { expect } from "vitest";
import { claim, createExecution, createExecutionIn, createJob, newExecution, patchTo } from "../support/job-rows.ts";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES, type StoreWorld } from "../support/store-behaviours.ts";

const NOPE = "nope" as JobExecutionId;

const isOver = (status: ExecutionStatus) => status !== "pending" && status !== "running";
const isLegal = (from: ExecutionStatus, to: ExecutionStatus) =>
  (EXECUTION_TRANSITIONS[to] as readonly ExecutionStatus[]).includes(from);
const allIds = (rows: readonly { id: JobExecutionId }[]) => rows.map(({ id }) => id);

/** Creates ticks of a job, one for each time. */
async function createTicks(
  world: StoreWorld,
  job: Job,
  times: readonly number[],
  patch: Partial<NewJobExecution> = {},
) {
  const created: JobExecutionId[] = [];
  for (const scheduledAt of times) created.push((await createExecution(world, job, { ...patch, scheduledAt })).id);
  return created;
}

describeStore("JobExecutionStore", {
  "keeps an execution as it was given": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const given = newExecution(job, {
      id: "my-own" as JobExecutionId,
      origin: "manual",
      occurrence: "m1",
      payload: { a: 1 },
      eventId: "e",
      concurrencyKey: "c",
      reason: "asked for",
      missedCount: 4,
      traceId: "t",
      createdBy: "ada",
    });
    const execution = await stores.jobExecutions.create(given, 5, tx);
    expect(execution).toEqual({ ...execution, ...given, attempt: 0, leaseToken: 0, unsettled: false, createdAt: 5 });
    expect(await stores.jobExecutions.get("my-own" as JobExecutionId, tx)).toEqual(execution);
  },
  "says that a missing execution is missing": async ({ stores, tx }) => {
    expect(await stores.jobExecutions.find(NOPE, tx)).toBeNull();
    expect(await stores.jobExecutions.claim({ id: NOPE, workerId: "w", leaseExpiresAt: 9, now: 1 }, tx)).toBeNull();
    expect(await stores.jobExecutions.changeClaimed({ id: NOPE, leaseToken: 0 }, { error: "e" }, 1, tx)).toBe(false);
    expect((await stores.jobExecutions.renewLeases([{ id: NOPE, leaseToken: 0 }], 9, tx)).size).toBe(0);
    expect(await stores.jobExecutions.park(NOPE, "resume", 1, tx)).toBe(0);
    expect(await stores.jobExecutions.holdJob("nope" as JobId, "resume", 1, tx)).toBe(0);
    expect(await stores.jobExecutions.hasOpen("nope" as JobId, tx)).toBe(false);
    expect(await stores.jobExecutions.deletePendingTicks("nope" as JobId, tx)).toBe(0);
    expect(await stores.jobExecutions.earliestDue(tx)).toBeNull();
    expect(await stores.jobExecutions.earliestForeignLease("w", tx)).toBeNull();
    const changing = stores.jobExecutions.change({ id: NOPE, status: "pending" }, { reason: "r" }, 1, tx);
    await expect(changing).rejects.toThrow(NotFoundError);
    await expect(stores.jobExecutions.get(NOPE, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.jobExecutions.markRedriven(NOPE, NOPE, 1, tx)).rejects.toThrow(NotFoundError);
  },
  "has one record of a tick, however often it is inserted": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const first = await createExecution(world, job, { payload: "first" });
    expect(await stores.jobExecutions.create(newExecution(job, { payload: "second" }), 6, tx)).toBeNull();
    expect(await stores.jobExecutions.get(first.id, tx)).toEqual(first);
    expect(await stores.jobExecutions.create(newExecution(job, { occurrence: "manual 1" }), 6, tx)).not.toBeNull();
    expect(await stores.jobExecutions.create(newExecution(await createJob(world)), 6, tx)).not.toBeNull();
  },
  "has one record of an event for each job, whatever its time": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const ofEvent = (eventId: string, scheduledAt: number) =>
      newExecution(job, { origin: "event", occurrence: `event ${eventId} ${scheduledAt}`, eventId, scheduledAt });
    expect(await stores.jobExecutions.create(ofEvent("e1", 100), 5, tx)).not.toBeNull();
    expect(await stores.jobExecutions.create(ofEvent("e1", 200), 6, tx)).toBeNull();
    expect(await stores.jobExecutions.create(ofEvent("e2", 100), 6, tx)).not.toBeNull();
    const other = { ...ofEvent("e1", 100), jobId: (await createJob(world)).id };
    expect(await stores.jobExecutions.create(other, 6, tx)).not.toBeNull();
    expect(await stores.jobExecutions.listOpen(job.id, tx)).toHaveLength(2);
  },
  "refuses an execution of no job, and one whose parts contradict each other": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const create = (patch: Partial<NewJobExecution>) => stores.jobExecutions.create(newExecution(job, patch), 5, tx);
    const orphan = create({ jobId: "nope" as JobId });
    await expect(orphan).rejects.toThrow(ConstraintViolationError);
    await expect(orphan).rejects.toMatchObject({ kind: "foreign key" });
    const illegal: Partial<NewJobExecution>[] = [
      { status: "running" },
      { status: "success" },
      { completedAt: 5 },
      { status: "skipped", completedAt: 5, waitsFor: "time" },
    ];
    for (const patch of illegal) await expect(create(patch)).rejects.toMatchObject({ kind: "check" });
    expect(await stores.jobExecutions.listOpen(job.id, tx)).toEqual([]);
  },
  "changes an execution from each status to each that is legal, and refuses the others": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    let time = 0;
    for (const from of EXECUTION_STATUSES) {
      for (const to of EXECUTION_STATUSES) {
        const seen = await createExecutionIn(world, job, from, (time += 1));
        const patch = { ...patchTo(to), reason: "r" };
        const changing = stores.jobExecutions.change(seen, patch, 60, tx);
        if (isLegal(from, to) || (from === to && !isOver(from))) {
          await changing;
          expect(await stores.jobExecutions.get(seen.id, tx)).toEqual({ ...seen, ...patch, updatedAt: 60 });
        } else {
          await expect(changing).rejects.toThrow(IllegalTransitionError);
          await expect(changing).rejects.toMatchObject({ table: "job_executions", id: seen.id, from, to });
          expect(await stores.jobExecutions.get(seen.id, tx)).toEqual(seen);
        }
      }
    }
  },
  "lets its holder change a running execution to each status that is legal, and nothing else": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    let time = 0;
    for (const from of EXECUTION_STATUSES) {
      for (const to of EXECUTION_STATUSES) {
        const seen = await createExecutionIn(world, job, from, (time += 1));
        const patch = { ...patchTo(to), error: "e" };
        const changing = stores.jobExecutions.changeClaimed(seen, patch, 60, tx);
        if (isLegal("running", to)) expect(await changing).toBe(from === "running");
        else await expect(changing).rejects.toThrow(IllegalTransitionError);
        const changed = isLegal("running", to) && from === "running" ? { ...patch, updatedAt: 60 } : {};
        expect(await stores.jobExecutions.get(seen.id, tx)).toEqual({ ...seen, ...changed });
      }
    }
  },
  "never changes what is over, but for what repeats it": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    for (const [time, status] of EXECUTION_STATUSES.filter(isOver).entries()) {
      const over = await createExecutionIn(world, job, status, time);
      const rewriting = stores.jobExecutions.change(over, { result: "other" }, 60, tx);
      await expect(rewriting).rejects.toThrow(IllegalTransitionError);
      await stores.jobExecutions.markRedriven(over.id, NOPE, 61, tx);
      expect(await stores.jobExecutions.get(over.id, tx)).toEqual({ ...over, redrivenBy: NOPE, updatedAt: 61 });
    }
  },
  "refuses a change of an execution that somebody else has changed, and says what it is now": async (world) => {
    const { stores, tx } = world;
    const pending = await createExecution(world, await createJob(world));
    const running = await claim(world, pending);
    const late = stores.jobExecutions.change(pending, { ...patchTo("cancelled") }, 60, tx);
    await expect(late).rejects.toThrow(TransitionConflictError);
    await expect(late).rejects.toMatchObject({ expected: "pending", actual: "running" });
    expect(await stores.jobExecutions.get(pending.id, tx)).toEqual(running);
  },
  "gives an execution to one claim, and a new token to each": async (world) => {
    const { stores, tx } = world;
    const { id, ...ready } = await createExecution(world, await createJob(world));
    const given = { id, workerId: "one", leaseExpiresAt: 1_000, now: 10 };
    const first = await stores.jobExecutions.claim(given, tx);
    const taken = { status: "running", workerId: "one", leaseToken: 1, leaseExpiresAt: 1_000 } as const;
    expect(first).toEqual({ ...ready, ...taken, id, attempt: 1, startedAt: 10, updatedAt: 10 });
    expect(await stores.jobExecutions.get(id, tx)).toEqual(first);
    expect(await stores.jobExecutions.claim({ ...given, workerId: "two" }, tx)).toBeNull();
    const retry = { ...patchTo("pending"), nextRetryAt: 50, unsettled: true };
    expect(await stores.jobExecutions.changeClaimed({ id, leaseToken: 1 }, retry, 20, tx)).toBe(true);
    const second = await stores.jobExecutions.claim({ ...given, workerId: "two", now: 50 }, tx);
    expect(second).toMatchObject({ workerId: "two", leaseToken: 2, attempt: 2, startedAt: 50, nextRetryAt: null });
    expect(second?.unsettled).toBe(false);
  },
  "refuses every write of one whose claim is lost": async (world) => {
    const { stores, tx } = world;
    const { id } = await createExecution(world, await createJob(world));
    await claim(world, { id });
    await stores.jobExecutions.changeClaimed({ id, leaseToken: 1 }, patchTo("pending"), 20, tx);
    const held = await claim(world, { id });
    for (const leaseToken of [0, 1, 3]) {
      expect(await stores.jobExecutions.changeClaimed({ id, leaseToken }, patchTo("success"), 30, tx)).toBe(false);
      expect(await stores.jobExecutions.changeClaimed({ id, leaseToken }, { result: 1 }, 30, tx)).toBe(false);
    }
    expect(await stores.jobExecutions.get(id, tx)).toEqual(held);
    expect(await stores.jobExecutions.changeClaimed(held, { ...patchTo("success"), result: 1 }, 30, tx)).toBe(true);
    expect(await stores.jobExecutions.changeClaimed(held, { result: 2 }, 31, tx)).toBe(false);
    expect(await stores.jobExecutions.get(id, tx)).toMatchObject({ status: "success", result: 1 });
  },
  "renews the leases that hold, and says of which a cancellation was asked for": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const claims = [];
    for (const scheduledAt of [1, 2, 3, 4])
      claims.push(await claim(world, await createExecution(world, job, { scheduledAt }), scheduledAt));
    const [held, asked, over, lost] = claims;
    await stores.jobExecutions.change(asked!, { cancelRequestedAt: 9 }, 9, tx);
    await stores.jobExecutions.changeClaimed(over!, patchTo("success"), 9, tx);
    const renewed = await stores.jobExecutions.renewLeases(
      [held!, asked!, over!, { ...lost!, leaseToken: 7 }],
      500,
      tx,
    );
    expect([...renewed]).toEqual([
      [held!.id, { cancelRequested: false }],
      [asked!.id, { cancelRequested: true }],
    ]);
    expect((await stores.jobExecutions.get(held!.id, tx)).leaseExpiresAt).toBe(500);
    expect((await stores.jobExecutions.get(lost!.id, tx)).leaseExpiresAt).toBe(4);
    expect((await stores.jobExecutions.renewLeases([], 500, tx)).size).toBe(0);
  },
  "lists what was lost, the earliest lease first": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const leases = [];
    for (const lease of [300, 100, 200])
      leases.push(await claim(world, await createExecution(world, job, { scheduledAt: lease }), lease));
    const [late, soon, next] = leases;
    await createExecution(world, job, { scheduledAt: 9 });
    const lost = async (by: number, settledOnly = false, limit = 10) =>
      allIds(await stores.jobExecutions.listLost(by, settledOnly, limit, tx));
    expect(await lost(200)).toEqual([soon!.id, next!.id]);
    expect(await lost(300)).toEqual([soon!.id, next!.id, late!.id]);
    expect(await lost(300, false, 1)).toEqual([soon!.id]);
    expect(await lost(99)).toEqual([]);
    expect(await stores.jobExecutions.earliestForeignLease("another", tx)).toBe(100);
    expect(await stores.jobExecutions.earliestForeignLease(soon!.workerId!, tx)).toBeNull();
    await stores.jobExecutions.changeClaimed(soon!, { unsettled: true }, 20, tx);
    expect(await lost(200, true)).toEqual([next!.id]);
    expect(await lost(200)).toEqual([soon!.id, next!.id]);
  },
  "lists what is ready by rank, and in the order of making within one": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const low = await createExecution(world, job, { scheduledAt: 1, rank: 50, concurrencyKey: "c" });
    const high = await createExecution(world, job, { scheduledAt: 2, rank: -1_000 });
    const equal = await createExecution(world, job, { scheduledAt: 3, rank: 50 });
    await createExecution(world, job, { scheduledAt: 4, rank: 0, waitsFor: "time" });
    await createExecutionIn(world, job, "running", 5);
    await createExecutionIn(world, job, "skipped", 6);
    const ready = await stores.jobExecutions.listReady(10, tx);
    expect(ready).toEqual([
      { id: high.id, jobId: job.id, concurrencyKey: null },
      { id: low.id, jobId: job.id, concurrencyKey: "c" },
      { id: equal.id, jobId: job.id, concurrencyKey: null },
    ]);
    expect(await stores.jobExecutions.listReady(1, tx)).toEqual(ready.slice(0, 1));
  },
  "lists a job's executions that are not over": async (world) => {
    const { stores, tx } = world;
    const [job, other] = [await createJob(world), await createJob(world)];
    for (const [time, status] of EXECUTION_STATUSES.entries()) await createExecutionIn(world, job, status, time);
    await createExecutionIn(world, other, "success", 1);
    const open = await stores.jobExecutions.listOpen(job.id, tx);
    expect(open.map(({ status }) => status).toSorted()).toEqual(["pending", "running"]);
    expect(await stores.jobExecutions.hasOpen(job.id, tx)).toBe(true);
    expect(await stores.jobExecutions.hasOpen(other.id, tx)).toBe(false);
  },
  "parks what is pending, names what is waited for, and lets go by rank": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const created = await createTicks(world, job, [3, 1, 2]);
    for (const id of created) expect(await stores.jobExecutions.park(id, "handler x", 9, tx)).toBe(1);
    const running = await createExecutionIn(world, job, "running", 8);
    expect(await stores.jobExecutions.park(running.id, "handler x", 9, tx)).toBe(0);
    await createExecution(world, job, { scheduledAt: 9, waitsFor: "limit mail" });
    expect((await stores.jobExecutions.listWaits(tx)).toSorted()).toEqual(["handler x", "limit mail"]);
    expect(await stores.jobExecutions.listReady(10, tx)).toEqual([]);
    expect(
      await stores.jobExecutions.claim({ id: created[0]!, workerId: "w", leaseExpiresAt: 9, now: 1 }, tx),
    ).toBeNull();
    expect(await stores.jobExecutions.unpark("handler x", 2, tx)).toBe(2);
    expect(allIds(await stores.jobExecutions.listReady(10, tx))).toEqual([created[1], created[2]]);
    expect(await stores.jobExecutions.unpark("handler x", 2, tx)).toBe(1);
    expect(await stores.jobExecutions.unpark("handler x", 2, tx)).toBe(0);
    expect(await stores.jobExecutions.listWaits(tx)).toEqual(["limit mail"]);
  },
  "holds a job's pending executions, and lets them go with their time": async (world) => {
    const { stores, tx } = world;
    const [job, other] = [await createJob(world), await createJob(world)];
    const [later, now, soon] = await createTicks(world, job, [300, 200, 100]);
    await createExecutionIn(world, job, "running", 1);
    await createTicks(world, other, [100]);
    expect(await stores.jobExecutions.holdJob(job.id, "resume", 5, tx)).toBe(3);
    expect(await stores.jobExecutions.listReady(10, tx)).toMatchObject([{ jobId: other.id }]);
    expect(await stores.jobExecutions.listWaits(tx)).toEqual(["resume"]);
    expect(await stores.jobExecutions.holdJob(job.id, null, 200, tx)).toBe(3);
    const ready = (await stores.jobExecutions.listReady(10, tx)).filter(({ jobId }) => jobId === job.id);
    expect(allIds(ready)).toEqual([soon, now]);
    expect(await stores.jobExecutions.get(later!, tx)).toMatchObject({ waitsFor: "time", updatedAt: 200 });
  },
  "makes ready what waited for its time, and nothing that waits for something else": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const [soon, next, late] = await createTicks(world, job, [100, 200, 300], { waitsFor: "time" });
    await createExecution(world, job, { scheduledAt: 50, waitsFor: "resume" });
    expect(await stores.jobExecutions.earliestDue(tx)).toBe(100);
    expect(await stores.jobExecutions.releaseDue(99, tx)).toBe(0);
    expect(await stores.jobExecutions.releaseDue(200, tx)).toBe(2);
    expect(allIds(await stores.jobExecutions.listReady(10, tx))).toEqual([soon, next]);
    expect(await stores.jobExecutions.earliestDue(tx)).toBe(300);
    expect((await stores.jobExecutions.get(late!, tx)).waitsFor).toBe("time");
  },
  "deletes the ticks of a job that have not begun, and leaves all others": async (world) => {
    const { stores, tx } = world;
    const [job, other] = [await createJob(world), await createJob(world)];
    await createTicks(world, job, [1, 2]);
    await createExecution(world, job, { scheduledAt: 3, waitsFor: "time" });
    const begun = await claim(world, await createExecution(world, job, { scheduledAt: 4 }));
    await stores.jobExecutions.changeClaimed(begun, patchTo("pending"), 20, tx);
    const running = await createExecutionIn(world, job, "running", 5);
    const manual = await createExecution(world, job, { scheduledAt: 6, origin: "manual", occurrence: "m" });
    const [foreign] = await createTicks(world, other, [1]);
    expect(await stores.jobExecutions.deletePendingTicks(job.id, tx)).toBe(3);
    const left = allIds(await stores.jobExecutions.listOpen(job.id, tx)).toSorted();
    expect(left).toEqual([begun.id, running.id, manual.id].toSorted());
    expect(await stores.jobExecutions.find(foreign!, tx)).not.toBeNull();
    // The time of a tick that was deleted is free again.
    expect(await stores.jobExecutions.create(newExecution(job, { scheduledAt: 1 }), 6, tx)).not.toBeNull();
  },
  "keeps payloads and results of every shape": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    for (const [scheduledAt, value] of JSON_VALUES.entries()) {
      const claimed = await claim(world, await createExecution(world, job, { scheduledAt, payload: value }));
      expect(claimed.payload).toEqual(value);
      await stores.jobExecutions.changeClaimed(claimed, { ...patchTo("success"), result: value }, 60, tx);
      const stored = await stores.jobExecutions.get(claimed.id, tx);
      expect([stored.payload, stored.result]).toEqual([value, value]);
    }
  },
  "keeps hostile texts as they are": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    for (const text of HOSTILE_STRINGS) {
      const given = { occurrence: `x${text}`, eventId: text, concurrencyKey: text, createdBy: text, waitsFor: text };
      const created = await createExecution(world, job, { ...given, idempotencyKey: text });
      expect(await stores.jobExecutions.listWaits(tx)).toEqual([text]);
      expect(await stores.jobExecutions.unpark(text, 1, tx)).toBe(1);
      const { id, leaseToken } = await claim(world, created);
      const errors = { error: text, errorType: text, errorStack: text, reason: text };
      await stores.jobExecutions.changeClaimed({ id, leaseToken }, { ...patchTo("failed"), ...errors }, 60, tx);
      const stored = { ...given, ...errors, waitsFor: null, idempotencyKey: text };
      expect(await stores.jobExecutions.get(id, tx)).toMatchObject(stored);
    }
  },
  "refuses a payload or a result over the limit, and leaves the execution as it was": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const large = "x".repeat(2 * 1024 * 1024);
    await expect(createExecution(world, job, { payload: large })).rejects.toThrow(ValueTooLargeError);
    await expect(createExecution(world, job, { payload: large })).rejects.toThrow("payload of execution of sendReport");
    const held = await claim(world, await createExecution(world, job));
    const result = stores.jobExecutions.changeClaimed(held, { ...patchTo("success"), result: large }, 60, tx);
    await expect(result).rejects.toThrow(ValueTooLargeError);
    const lossy = stores.jobExecutions.change(held, { result: Number.POSITIVE_INFINITY }, 60, tx);
    await expect(lossy).rejects.toThrow(NotSerialisableError);
    expect(await stores.jobExecutions.get(held.id, tx)).toEqual(held);
  },
  "names the row and the column that does not hold JSON": async (world) => {
    const { stores, database, tx } = world;
    const job = await createJob(world);
    for (const [scheduledAt, column] of ["payload", "result"].entries()) {
      const { id } = await createExecution(world, job, { scheduledAt });
      const broken = sql`update job_executions set ${sql.ref(column)} = '[1,' where id = ${id}`;
      await database.transaction(({ executor }) => broken.execute(executor), tx);
      const reading = stores.jobExecutions.get(id, tx);
      await expect(reading).rejects.toThrow(CorruptRowError);
      await expect(reading).rejects.toMatchObject({ table: "job_executions", id, column });
      // Whoever takes such a row has it, and must say what became of it.
      const claiming = stores.jobExecutions.claim({ id, workerId: "w", leaseExpiresAt: 1_000, now: 10 }, tx);
      await expect(claiming).rejects.toThrow(CorruptRowError);
      await stores.jobExecutions.change({ id, status: "running" }, patchTo("failed"), 60, tx);
    }
  },
});
