import {
  ConstraintViolationError,
  DEFAULT_PLATFORM_ID,
  LOG_LEVELS,
  NotSerialisableError,
  ValueTooLargeError,
  type HistoryCursor,
  type HistoryFilter,
  type Job,
  type JobExecution,
  type JobExecutionId,
  type JobId,
  UNREADABLE,
} from "@millrace/db";
import { sql } from "kysely";
import { expect } from "vitest";
import { claim, createExecution, createExecutionIn, createJob, logLine, patchTo } from "../support/job-rows.ts";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES, type StoreWorld } from "../support/store-behaviours.ts";

const NOPE = "nope" as JobExecutionId;

const ids = (rows: readonly { id: JobExecutionId }[]) => rows.map(({ id }) => id);

/** An execution that ran and ended. */
function createFinished(world: StoreWorld, job: Job, patch: Partial<JobExecution> & { scheduledAt: number }) {
  return createExecution(world, job, { status: "success", completedAt: patch.scheduledAt, ...patch });
}

/** Reads page after page until one is empty. */
async function readPages<Row>(read: (last: Row | undefined) => Promise<Row[]>): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const page = await read(all.at(-1));
    if (page.length === 0) return all;
    all.push(...page);
  }
}

describeStore("JobHistoryStore", {
  "lists a job's executions by status and time, the latest first": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const failed = await createExecutionIn(world, job, "failed", 10);
    const skipped = await createExecutionIn(world, job, "skipped", 30);
    const pending = await createExecutionIn(world, job, "pending", 20);
    await createExecutionIn(world, await createJob(world), "failed", 15);
    const list = async (filter: HistoryFilter) => ids(await stores.jobHistory.list(job.id, filter, tx));
    expect(await list({})).toEqual([skipped.id, pending.id, failed.id]);
    expect(await list({ statuses: ["failed"] })).toEqual([failed.id]);
    expect(await list({ statuses: ["failed", "skipped"] })).toEqual([skipped.id, failed.id]);
    expect(await list({ from: 20 })).toEqual([skipped.id, pending.id]);
    expect(await list({ until: 20 })).toEqual([failed.id]);
    expect(await list({ limit: 1 })).toEqual([skipped.id]);
    expect(await stores.jobHistory.list(job.id, { statuses: ["failed"] }, tx)).toEqual([failed]);
    expect(await stores.jobHistory.list("nope" as JobId, {}, tx)).toEqual([]);
  },
  "pages through executions of equal times without losing or repeating one": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const created: JobExecution[] = [];
    for (const [index, scheduledAt] of [1, 2, 2, 2, 2, 2, 3, 3].entries()) {
      const given = { scheduledAt, occurrence: `o${index}`, status: "failed", completedAt: scheduledAt } as const;
      created.push(await createExecution(world, job, given));
    }
    const expected = ids(created.toReversed());
    const cursor = (at: number, id: JobExecutionId): { after: HistoryCursor } => ({ after: { at, id } });
    for (const limit of [1, 2, 3, 5]) {
      for (const filter of [{}, { statuses: ["failed"] as const }]) {
        const history = await readPages<JobExecution>((last) =>
          stores.jobHistory.list(job.id, { limit, ...filter, ...(last && cursor(last.scheduledAt, last.id)) }, tx),
        );
        expect(ids(history)).toEqual(expected);
      }
      const letters = await readPages<JobExecution>((last) => {
        const after = last ? cursor(last.completedAt ?? 0, last.id) : {};
        return stores.jobHistory.listDeadLetters(DEFAULT_PLATFORM_ID, { limit, ...after }, tx);
      });
      expect(ids(letters)).toEqual(expected);
    }
  },
  "lists dead letters of a platform until something repeats them": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    const [job, foreign] = [await createJob(world), await createJob(world, { platformId: other.id })];
    const failed = await createFinished(world, job, { scheduledAt: 10, status: "failed" });
    const late = await createFinished(world, job, { scheduledAt: 20, status: "timeout" });
    for (const [scheduledAt, status] of (["success", "cancelled", "skipped"] as const).entries())
      await createFinished(world, job, { scheduledAt, status });
    const theirs = await createFinished(world, foreign, { scheduledAt: 15, status: "failed" });
    const letters = async (filter: { jobId?: JobId } = {}, platformId = DEFAULT_PLATFORM_ID) =>
      ids(await stores.jobHistory.listDeadLetters(platformId, filter, tx));
    expect(await letters()).toEqual([late.id, failed.id]);
    expect(await letters({ jobId: job.id })).toEqual([late.id, failed.id]);
    expect(await letters({ jobId: foreign.id })).toEqual([]);
    expect(await letters({}, other.id)).toEqual([theirs.id]);
    await stores.jobExecutions.markRedriven(late.id, NOPE, 30, tx);
    expect(await letters()).toEqual([failed.id]);
  },
  "lists the executions of a trace in one platform, oldest first": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    const [job, foreign] = [await createJob(world), await createJob(world, { platformId: other.id })];
    const first = await createExecution(world, job, { scheduledAt: 9, traceId: "t" });
    const second = await createExecution(world, job, { scheduledAt: 1, traceId: "t" });
    await createExecution(world, job, { scheduledAt: 2, traceId: "u" });
    await createExecution(world, job, { scheduledAt: 3 });
    const theirs = await createExecution(world, foreign, { traceId: "t" });
    expect(await stores.jobHistory.listByTrace(DEFAULT_PLATFORM_ID, "t", tx)).toEqual([first, second]);
    expect(await stores.jobHistory.listByTrace(other.id, "t", tx)).toEqual([theirs]);
    expect(await stores.jobHistory.listByTrace(other.id, "nope", tx)).toEqual([]);
  },
  "counts what ended since a time, by how it ended": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    const job = await createJob(world);
    for (const [scheduledAt, durationMs] of [5, 7].entries()) {
      const held = await claim(world, await createExecution(world, job, { scheduledAt }));
      await stores.jobExecutions.changeClaimed(held, { ...patchTo("success"), durationMs }, 50, tx);
    }
    await createFinished(world, job, { scheduledAt: 60, status: "skipped" });
    await createFinished(world, job, { scheduledAt: 49, status: "failed" });
    await createFinished(world, await createJob(world, { platformId: other.id }), { scheduledAt: 70 });
    await createExecutionIn(world, job, "running", 80);
    const counted = await stores.jobHistory.countFinished(DEFAULT_PLATFORM_ID, 50, tx);
    expect(counted.toSorted((a, b) => a.status.localeCompare(b.status))).toEqual([
      { status: "skipped", count: 1, totalDurationMs: 0 },
      { status: "success", count: 2, totalDurationMs: 12 },
    ]);
    expect(await stores.jobHistory.countFinished(DEFAULT_PLATFORM_ID, 1_000, tx)).toEqual([]);
  },
  "counts what is open, and says since when the oldest ready one is due": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    const none = { pending: 0, running: 0, oldestReadyDueAt: null };
    expect(await stores.jobHistory.countOpen(DEFAULT_PLATFORM_ID, tx)).toEqual(none);
    const [job, foreign] = [await createJob(world), await createJob(world, { platformId: other.id })];
    await createExecution(world, job, { scheduledAt: 10, waitsFor: "time" });
    await createExecutionIn(world, job, "running", 5);
    expect(await stores.jobHistory.countOpen(DEFAULT_PLATFORM_ID, tx)).toEqual({ ...none, pending: 1, running: 1 });
    await createExecution(world, job, { scheduledAt: 40 });
    await createExecution(world, job, { scheduledAt: 30 });
    await createExecutionIn(world, job, "success", 1);
    await createExecution(world, foreign, { scheduledAt: 2 });
    const open = { pending: 3, running: 1, oldestReadyDueAt: 30 };
    expect(await stores.jobHistory.countOpen(DEFAULT_PLATFORM_ID, tx)).toEqual(open);
    expect(await stores.jobHistory.countOpen(other.id, tx)).toEqual({ pending: 1, running: 0, oldestReadyDueAt: 2 });
  },
  "lists the durations of the last executions that ran": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    for (const scheduledAt of [1, 3, 2]) {
      const held = await claim(world, await createExecution(world, job, { scheduledAt }));
      await stores.jobExecutions.changeClaimed(held, { ...patchTo("success"), durationMs: scheduledAt * 10 }, 50, tx);
    }
    await createFinished(world, job, { scheduledAt: 9, status: "skipped" });
    const durations = await stores.jobHistory.listDurations(job.id, 2, tx);
    expect(durations).toEqual([
      { status: "success", durationMs: 30 },
      { status: "success", durationMs: 20 },
    ]);
  },
  "keeps log lines in the order of their writing, and reads them by level and position": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const [{ id }, other] = [await createExecution(world, job), await createExecution(world, job, { scheduledAt: 1 })];
    await stores.jobHistory.appendLogs(id, [logLine({ timestamp: 20 }), logLine({ timestamp: 10, level: "warn" })], tx);
    await stores.jobHistory.appendLogs(other.id, [logLine()], tx);
    await stores.jobHistory.appendLogs(id, [], tx);
    await stores.jobHistory.appendLogs(id, [logLine({ attempt: 2, level: "error" })], tx);
    expect(await stores.jobHistory.listLogs(id, {}, tx)).toEqual([
      { ...logLine({ timestamp: 20 }), seq: 1 },
      { ...logLine({ timestamp: 10, level: "warn" }), seq: 2 },
      { ...logLine({ attempt: 2, level: "error" }), seq: 3 },
    ]);
    const seqs = async (filter: object) => (await stores.jobHistory.listLogs(id, filter, tx)).map(({ seq }) => seq);
    expect(await seqs({ levels: ["warn", "error"] })).toEqual([2, 3]);
    expect(await seqs({ afterSeq: 1, limit: 1 })).toEqual([2]);
    expect(await seqs({ afterSeq: 3 })).toEqual([]);
  },
  "keeps messages and data of every shape, at every level": async (world) => {
    const { stores, tx } = world;
    const { id } = await createExecution(world, await createJob(world));
    const lines = [
      ...JSON_VALUES.map((data) => logLine({ data })),
      ...HOSTILE_STRINGS.map((message) => logLine({ message })),
      ...LOG_LEVELS.map((level) => logLine({ level })),
    ];
    await stores.jobHistory.appendLogs(id, lines, tx);
    const stored = await stores.jobHistory.listLogs(id, {}, tx);
    expect(stored).toEqual(lines.map((line, index) => ({ ...line, seq: index + 1 })));
  },
  "refuses lines of no execution, and keeps none of several when one is refused": async (world) => {
    const { stores, tx } = world;
    const { id } = await createExecution(world, await createJob(world));
    const append = (data: string | number) => stores.jobHistory.appendLogs(id, [logLine(), logLine({ data })], tx);
    await expect(append("x".repeat(2 * 1024 * 1024))).rejects.toThrow(ValueTooLargeError);
    await expect(append(Number.NaN)).rejects.toThrow(NotSerialisableError);
    expect(await stores.jobHistory.listLogs(id, {}, tx)).toEqual([]);
    await expect(stores.jobHistory.appendLogs(NOPE, [logLine()], tx)).rejects.toThrow(ConstraintViolationError);
  },
  "shows the other log lines beside one whose data is not JSON": async (world) => {
    const { stores, database, tx } = world;
    const { id } = await createExecution(world, await createJob(world));
    await stores.jobHistory.appendLogs(id, [logLine(), logLine()], tx);
    const broken = sql`update job_execution_logs set data = 'undefined' where seq = 2`;
    await database.transaction(({ executor }) => broken.execute(executor), tx);
    const lines = await stores.jobHistory.listLogs(id, {}, tx);
    expect(lines.map(({ data }) => data)).toEqual([logLine().data, UNREADABLE]);
  },
  "lists what is old enough to go, oldest first, with what its job keeps": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world, { keepLast: 7 });
    const late = await createFinished(world, job, { scheduledAt: 30 });
    const early = await createFinished(world, job, { scheduledAt: 10 });
    const skipped = await createFinished(world, job, { scheduledAt: 20, status: "skipped" });
    await createExecutionIn(world, job, "pending", 5);
    const list = async (completedBefore: number, after?: HistoryCursor) => {
      const selector = { statuses: ["success"] as const, completedBefore, limit: 10, ...(after ? { after } : {}) };
      return ids(await stores.jobHistory.listExpired(selector, tx));
    };
    expect(await list(31)).toEqual([early.id, late.id]);
    expect(await list(30)).toEqual([early.id]);
    expect(await list(31, { at: 10, id: early.id })).toEqual([late.id]);
    const selector = { statuses: ["skipped"] as const, completedBefore: 31, limit: 10 };
    expect(await stores.jobHistory.listExpired(selector, tx)).toEqual([
      { id: skipped.id, jobId: job.id, completedAt: 20, scheduledAt: 20, keepLast: 7 },
    ]);
  },
  "looks at each one that is old enough, though many ended at once": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const created: JobExecutionId[] = [];
    for (const scheduledAt of [5, 4, 3, 2, 1])
      created.push((await createFinished(world, job, { scheduledAt, completedAt: 50 })).id);
    const selector = { statuses: ["success"] as const, completedBefore: 51, limit: 2 };
    const seen = await readPages<{ id: JobExecutionId; completedAt: number }>((last) => {
      const after = last ? { after: { at: last.completedAt, id: last.id } } : {};
      return stores.jobHistory.listExpired({ ...selector, ...after }, tx);
    });
    expect(ids(seen)).toEqual(created);
  },
  "says behind which execution a job's last ones are": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    for (const scheduledAt of [30, 10, 20]) await createExecutionIn(world, job, "success", scheduledAt);
    const nominal = async (count: number) => (await stores.jobHistory.findLastBut(job.id, count, tx))?.at ?? null;
    expect([await nominal(0), await nominal(1), await nominal(2), await nominal(3)]).toEqual([30, 20, 10, null]);
    expect(await stores.jobHistory.findLastBut("nope" as JobId, 0, tx)).toBeNull();
  },
  "says which nominal times of a span have the record of a tick": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    for (const scheduledAt of [10, 20, 30]) await createExecutionIn(world, job, "success", scheduledAt);
    await createExecution(world, job, { scheduledAt: 15, origin: "manual", occurrence: "m" });
    await createExecution(world, await createJob(world), { scheduledAt: 25 });
    expect(await stores.jobHistory.recordedTicks(job.id, 10, 29, tx)).toEqual(new Set([10, 20]));
    expect(await stores.jobHistory.recordedTicks(job.id, 31, 90, tx)).toEqual(new Set());
  },
  "deletes executions with their log lines": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const [gone, kept] = [await createExecution(world, job), await createExecution(world, job, { scheduledAt: 1 })];
    for (const { id } of [gone, kept]) await stores.jobHistory.appendLogs(id, [logLine()], tx);
    expect(await stores.jobHistory.delete([gone.id, NOPE], tx)).toBe(1);
    expect(await stores.jobHistory.delete([], tx)).toBe(0);
    expect(await stores.jobHistory.listLogs(gone.id, {}, tx)).toEqual([]);
    expect(await stores.jobHistory.listLogs(kept.id, {}, tx)).toHaveLength(1);
    expect(ids(await stores.jobHistory.list(job.id, {}, tx))).toEqual([kept.id]);
  },
});
