import {
  ConstraintViolationError,
  CorruptRowError,
  DEFAULT_PLATFORM_ID,
  IllegalTransitionError,
  JOB_STATUSES,
  JOB_TRANSITIONS,
  NotFoundError,
  NotSerialisableError,
  TransitionConflictError,
  ValueTooLargeError,
  type Job,
  type JobId,
  type JobStatus,
  type NewJob,
  type PlatformId,
  type StoredJobFilter,
  UNREADABLE,
} from "@millrace/db";
import { sql } from "kysely";
import { expect } from "vitest";
import { createExecution, createJob, newJob } from "../support/job-rows.ts";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES, type StoreWorld } from "../support/store-behaviours.ts";

const NOPE = "nope" as JobId;

const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);
const isOver = (status: JobStatus) => status === "completed" || status === "failed" || status === "cancelled";

async function storedTags({ database, tx }: StoreWorld, id: JobId): Promise<string[]> {
  const rows = await database.read(
    (executor) => executor.selectFrom("job_tags").select("tag").where("job_id", "=", id).orderBy("tag").execute(),
    tx,
  );
  return rows.map(({ tag }) => tag);
}

describeStore("JobStore", {
  "keeps a job as it was given, with its counters at the start": async (world) => {
    const { stores, tx } = world;
    const given = newJob({
      key: "daily",
      description: "Mails the report.",
      endsAt: 900,
      maxRuns: 3,
      catchUp: true,
      tags: ["mail", "daily"],
      payload: { to: "ada" },
      nextRun: 100,
      createdBy: "ada",
    });
    const job = await stores.jobs.create(given, 5, tx);
    expect(job).toEqual({ ...job, ...given, version: 1, runCount: 0, successCount: 0, lastRun: null, createdAt: 5 });
    expect(await stores.jobs.get(job.id, tx)).toEqual(job);
    expect(await stores.jobs.findByKey(DEFAULT_PLATFORM_ID, "daily", tx)).toEqual(job);
  },
  "says that a missing job is missing": async ({ stores, tx }) => {
    const seen = { id: NOPE, name: "n" };
    expect(await stores.jobs.find(NOPE, tx)).toBeNull();
    expect(await stores.jobs.findByKey(DEFAULT_PLATFORM_ID, "nope", tx)).toBeNull();
    expect(await stores.jobs.findLatestByUniqueKey(DEFAULT_PLATFORM_ID, "nope", tx)).toBeNull();
    expect(await stores.jobs.earliestNextRun(tx)).toBeNull();
    expect(await stores.jobs.listVersions(NOPE, tx)).toEqual([]);
    expect(await stores.jobs.delete([NOPE], tx)).toBe(0);
    expect(await stores.jobs.delete([], tx)).toBe(0);
    const outcome = { succeeded: true, durationMs: 1, startedAt: 1, endsJobAs: null, version: 1 };
    for (const call of [
      stores.jobs.get(NOPE, tx),
      stores.jobs.change({ ...seen, status: "active" }, { priority: 1 }, 6, tx),
      stores.jobs.advance({ ...seen, nextRun: 5 }, { nextRun: 6 }, 6, tx),
      stores.jobs.recordOutcome(NOPE, outcome, 6, tx),
      stores.jobs.setAside(NOPE, "unreadable", 6, tx),
    ]) {
      await expect(call).rejects.toThrow(NotFoundError);
    }
    const version = { version: 1, definition: {}, createdBy: null, createdAt: 1 };
    await expect(stores.jobs.saveVersion(NOPE, version, tx)).rejects.toThrow(ConstraintViolationError);
  },
  "has one job of a key in a platform, and as many without one as there are": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    const first = await createJob(world, { key: "daily" });
    await expect(createJob(world, { key: "daily" })).rejects.toThrow(ConstraintViolationError);
    const second = await createJob(world, { key: "daily", platformId: other.id });
    await createJob(world);
    await createJob(world);
    expect(await stores.jobs.findByKey(DEFAULT_PLATFORM_ID, "daily", tx)).toEqual(first);
    expect(await stores.jobs.findByKey(other.id, "daily", tx)).toEqual(second);
    expect(ids(await stores.jobs.list({ platformId: other.id }, tx))).toEqual([second.id]);
    expect(await stores.jobs.list({ platformId: DEFAULT_PLATFORM_ID }, tx)).toHaveLength(3);
    await expect(createJob(world, { platformId: "nope" as PlatformId })).rejects.toThrow(ConstraintViolationError);
  },
  "refuses a job whose type lacks its schedule, or that has a tick to come while it is not open": async (world) => {
    const illegal: Partial<NewJob>[] = [
      { type: "cron", cronExpression: null },
      { type: "one_time", cronExpression: null },
      { type: "recurring", cronExpression: null },
      { type: "recurring", intervalMs: 5 },
      { type: "event", cronExpression: null },
      { status: "paused", nextRun: 5 },
      { status: "cancelled", nextRun: 5 },
    ];
    for (const patch of illegal) {
      const creating = createJob(world, patch);
      await expect(creating).rejects.toThrow(ConstraintViolationError);
      await expect(creating).rejects.toMatchObject({ kind: "check" });
    }
    expect(await world.stores.jobs.list({}, world.tx)).toEqual([]);
    const job = await createJob(world, { nextRun: 5 });
    const pausing = world.stores.jobs.change(job, { status: "paused" }, 6, world.tx);
    await expect(pausing).rejects.toThrow(ConstraintViolationError);
    expect(await world.stores.jobs.get(job.id, world.tx)).toEqual(job);
  },
  "changes a job from each status to each that is legal, and refuses the others": async (world) => {
    const { stores, tx } = world;
    for (const from of JOB_STATUSES) {
      for (const to of JOB_STATUSES) {
        const job = await createJob(world, { status: from, finishedAt: isOver(from) ? 4 : null });
        const changing = stores.jobs.change(job, { status: to, pauseNote: "n" }, 7, tx);
        if (from === to || (JOB_TRANSITIONS[to] as readonly JobStatus[]).includes(from)) {
          await changing;
          expect(await stores.jobs.get(job.id, tx)).toEqual({ ...job, status: to, pauseNote: "n", updatedAt: 7 });
        } else {
          await expect(changing).rejects.toThrow(IllegalTransitionError);
          expect(await stores.jobs.get(job.id, tx)).toEqual(job);
        }
      }
    }
  },
  "refuses a change of a job that somebody else has changed, and says what it is now": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    await stores.jobs.change(job, { status: "paused" }, 6, tx);
    const late = stores.jobs.change(job, { status: "cancelled", priority: 9 }, 7, tx);
    await expect(late).rejects.toThrow(TransitionConflictError);
    await expect(late).rejects.toMatchObject({ expected: "active", actual: "paused", id: job.id });
    expect(await stores.jobs.get(job.id, tx)).toMatchObject({ status: "paused", priority: 0, updatedAt: 6 });
  },
  "sets a job aside": async (world) => {
    const job = await createJob(world, { nextRun: 100 });
    await world.stores.jobs.setAside(job.id, "unreadable", 6, world.tx);
    const aside = { status: "paused", nextRun: null, pauseNote: "unreadable", pausedAt: 6, updatedAt: 6 };
    expect(await world.stores.jobs.get(job.id, world.tx)).toEqual({ ...job, ...aside });
  },
  "takes a tick once": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world, { status: "pending", nextRun: 100 });
    const seen = { ...job, nextRun: 100 };
    await stores.jobs.advance(seen, { nextRun: 200, runCount: 1, status: "active" }, 101, tx);
    const taken = { ...job, nextRun: 200, runCount: 1, status: "active", updatedAt: 101 };
    expect(await stores.jobs.get(job.id, tx)).toEqual(taken);
    const again = stores.jobs.advance(seen, { nextRun: 300 }, 102, tx);
    await expect(again).rejects.toThrow(TransitionConflictError);
    await expect(again).rejects.toMatchObject({ expected: "next due at 100", actual: "next due at 200" });
    await stores.jobs.advance({ ...job, nextRun: 200 }, { nextRun: null, tags: ["last"] }, 201, tx);
    expect(await stores.jobs.earliestNextRun(tx)).toBeNull();
    expect(await storedTags(world, job.id)).toEqual(["last"]);
  },
  "lists due jobs by time, and says when the next tick comes": async (world) => {
    const { stores, tx } = world;
    const late = await createJob(world, { nextRun: 300 });
    const soon = await createJob(world, { nextRun: 100 });
    const next = await createJob(world, { nextRun: 200, status: "pending" });
    await createJob(world, { status: "paused" });
    expect(await stores.jobs.listDue(200, 10, tx)).toEqual([soon.id, next.id]);
    expect(await stores.jobs.listDue(300, 10, tx)).toEqual([soon.id, next.id, late.id]);
    expect(await stores.jobs.listDue(300, 1, tx)).toEqual([soon.id]);
    expect(await stores.jobs.listDue(99, 10, tx)).toEqual([]);
    expect(await stores.jobs.earliestNextRun(tx)).toBe(100);
    expect(await stores.jobs.earliestNextRunOf(DEFAULT_PLATFORM_ID, tx)).toBe(100);
    expect(await stores.jobs.earliestNextRunOf("nope" as PlatformId, tx)).toBeNull();
  },
  "lists the dead: whose tick is long past, and crons without a next tick": async (world) => {
    const { stores, tx } = world;
    const overdue = await createJob(world, { nextRun: 50 });
    const older = await createJob(world, { nextRun: 40 });
    const forgotten = await createJob(world);
    await createJob(world, { nextRun: 100 });
    await createJob(world, { maxRuns: 1 });
    await createJob(world, { endsAt: 10 });
    await createJob(world, { status: "paused" });
    await createJob(world, { type: "one_time", cronExpression: null, runAt: 1 });
    expect(ids(await stores.jobs.listDead(100, 10, tx))).toEqual([older.id, overdue.id, forgotten.id]);
    expect(ids(await stores.jobs.listDead(100, 2, tx))).toEqual([older.id, overdue.id]);
    expect(ids(await stores.jobs.listDead(1, 10, tx))).toEqual([forgotten.id]);
  },
  "counts jobs by status, each one named, in one platform": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    await createJob(world);
    await createJob(world);
    await createJob(world, { status: "paused" });
    await createJob(world, { platformId: other.id, status: "failed" });
    expect(Object.fromEntries(await stores.jobs.countByStatus(DEFAULT_PLATFORM_ID, tx))).toEqual({
      pending: 0,
      active: 2,
      paused: 1,
      completed: 0,
      failed: 0,
      cancelled: 0,
    });
    expect((await stores.jobs.countByStatus(other.id, tx)).get("failed")).toBe(1);
  },
  "finds the newest job of a uniqueness key, over or not": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    await createJob(world, { uniqueKey: "u" }, 5);
    const newer = await createJob(world, { uniqueKey: "u", status: "completed", finishedAt: 7 }, 6);
    const equal = await createJob(world, { uniqueKey: "u" }, 6);
    await createJob(world, { uniqueKey: "u", platformId: other.id }, 9);
    expect(await stores.jobs.findLatestByUniqueKey(DEFAULT_PLATFORM_ID, "u", tx)).toEqual(equal);
    await stores.jobs.delete([equal.id], tx);
    expect(await stores.jobs.findLatestByUniqueKey(DEFAULT_PLATFORM_ID, "u", tx)).toEqual(newer);
  },
  "lists jobs by every filter, newest first": async (world) => {
    const { stores, tx } = world;
    const a = await createJob(world, { tags: ["x"], nextRun: 50, handlerName: "a" }, 5);
    const b = await createJob(world, { tags: ["x", "y"], status: "paused" }, 6);
    const c = await createJob(world, { type: "one_time", runAt: 9, name: "Weekly mail" }, 7);
    const list = async (filter: StoredJobFilter) => ids(await stores.jobs.list(filter, tx));
    expect(await list({})).toEqual([c.id, b.id, a.id]);
    expect(await list({ statuses: ["paused"] })).toEqual([b.id]);
    expect(await list({ statuses: ["active", "paused"], platformId: DEFAULT_PLATFORM_ID })).toEqual([c.id, b.id, a.id]);
    expect(await list({ types: ["one_time"] })).toEqual([c.id]);
    expect(await list({ handlerName: "a" })).toEqual([a.id]);
    expect(await list({ tags: ["x"] })).toEqual([b.id, a.id]);
    expect(await list({ tags: ["x", "y"], platformId: DEFAULT_PLATFORM_ID })).toEqual([b.id]);
    expect(await list({ tags: ["x"], platformId: "nope" as PlatformId })).toEqual([]);
    expect(await list({ tags: [], platformId: "nope" as PlatformId })).toEqual([]);
    expect(await list({ text: "LY MAI" })).toEqual([c.id]);
    expect(await list({ text: "" })).toEqual([c.id, b.id, a.id]);
    expect(await list({ nextRunBefore: 51 })).toEqual([a.id]);
    expect(await list({ nextRunBefore: 50 })).toEqual([]);
    expect(await list({ createdFrom: 6, createdBefore: 7 })).toEqual([b.id]);
    expect(await list({ limit: 2 })).toEqual([c.id, b.id]);
    expect(await list({ before: b.id, limit: 2 })).toEqual([a.id]);
  },
  "pages through jobs of one moment without losing or repeating one": async (world) => {
    const { stores, tx } = world;
    const created: JobId[] = [];
    for (let index = 0; index < 7; index += 1) created.push((await createJob(world)).id);
    const seen: JobId[] = [];
    for (;;) {
      const last = seen.at(-1);
      const page = await stores.jobs.list({ limit: 3, ...(last ? { before: last } : {}) }, tx);
      if (page.length === 0) break;
      seen.push(...ids(page));
    }
    expect(seen).toEqual(created.toReversed());
  },
  "finds names by a piece of them, taken as it is written": async (world) => {
    const { stores, tx } = world;
    const plain = await createJob(world, { name: "axb" });
    for (const text of ["a%b", "a_b", "a\\b", "it's", "a\0b", "x".repeat(200_000)]) {
      const job = await createJob(world, { name: `<${text}>` });
      expect(ids(await stores.jobs.list({ text }, tx))).toEqual([job.id]);
    }
    expect(ids(await stores.jobs.list({ text: "axb" }, tx))).toEqual([plain.id]);
  },
  "replaces the tags of a job with an edit, whatever becomes of its version": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world, { tags: ["a", "b", "a"] });
    expect(job.tags).toEqual(["a", "b", "a"]);
    expect(await storedTags(world, job.id)).toEqual(["a", "b"]);
    await stores.jobs.change(job, { tags: ["b", "c"] }, 6, tx);
    expect(await storedTags(world, job.id)).toEqual(["b", "c"]);
    await stores.jobs.change(job, { tags: ["d"], version: 2 }, 7, tx);
    expect(await storedTags(world, job.id)).toEqual(["d"]);
    await stores.jobs.change(job, { priority: 1 }, 8, tx);
    expect(await storedTags(world, job.id)).toEqual(["d"]);
    expect((await stores.jobs.get(job.id, tx)).tags).toEqual(["d"]);
    await stores.jobs.change(job, { tags: [] }, 9, tx);
    expect(await storedTags(world, job.id)).toEqual([]);
    expect(await stores.jobs.list({ tags: ["d"] }, tx)).toEqual([]);
  },
  "keeps more tags than a statement may have parameters": async (world) => {
    const tags = Array.from({ length: 12_000 }, (_, index) => `t${index}`);
    const job = await createJob(world, { tags });
    expect(await storedTags(world, job.id)).toHaveLength(12_000);
    expect(ids(await world.stores.jobs.list({ tags: ["t11999"] }, world.tx))).toEqual([job.id]);
  },
  "counts outcomes: successes, failures in a row, neither, and how long they took": async (world) => {
    const { stores, tx } = world;
    const { id } = await createJob(world);
    const outcome = (succeeded: boolean | null, startedAt: number) =>
      stores.jobs.recordOutcome(
        id,
        { succeeded, durationMs: 10, startedAt, endsJobAs: null, version: 1 },
        startedAt + 10,
        tx,
      );
    await outcome(false, 100);
    expect(await outcome(false, 200)).toMatchObject({ failureCount: 2, consecutiveFailures: 2, lastRun: 200 });
    expect(await outcome(null, 300)).toMatchObject({ executionCount: 3, failureCount: 2, consecutiveFailures: 2 });
    expect(await outcome(true, 400)).toMatchObject({ successCount: 1, failureCount: 2, consecutiveFailures: 0 });
    expect(await outcome(false, 500)).toMatchObject({ consecutiveFailures: 1, totalDurationMs: 50, updatedAt: 510 });
  },
  "keeps the latest beginning as the last run, in whatever order executions end": async (world) => {
    const { id } = await createJob(world);
    const outcome = { succeeded: true, durationMs: 1, endsJobAs: null, version: 1 };
    const end = (startedAt: number) => world.stores.jobs.recordOutcome(id, { ...outcome, startedAt }, 900, world.tx);
    expect(await end(200)).toMatchObject({ lastRun: 200 });
    expect(await end(100)).toMatchObject({ lastRun: 200 });
  },
  "ends an open job with an outcome, and leaves one that is paused or over": async (world) => {
    const { stores, tx } = world;
    const end = (id: JobId, endsJobAs: "completed" | "failed" | null, version = 1) =>
      stores.jobs.recordOutcome(id, { succeeded: true, durationMs: 1, startedAt: 1, endsJobAs, version }, 9, tx);
    const open = await createJob(world, { nextRun: 100 });
    expect(await end(open.id, "failed")).toMatchObject({ status: "failed", finishedAt: 9, nextRun: null });
    const edited = await createJob(world, { nextRun: 100 });
    expect(await end(edited.id, "completed", 2)).toMatchObject({ status: "active", finishedAt: null, nextRun: 100 });
    const goesOn = await createJob(world, { nextRun: 100 });
    expect(await end(goesOn.id, null)).toMatchObject({ status: "active", finishedAt: null, nextRun: 100 });
    for (const status of ["paused", "cancelled"] as const) {
      const job = await createJob(world, { status });
      expect(await end(job.id, "completed")).toMatchObject({ status, finishedAt: null, successCount: 1 });
    }
  },
  "keeps versions, each once, newest first": async (world) => {
    const { stores, tx } = world;
    const { id } = await createJob(world);
    for (const [version, definition] of JSON_VALUES.entries())
      await stores.jobs.saveVersion(id, { version, definition, createdBy: "ada", createdAt: version }, tx);
    const versions = await stores.jobs.listVersions(id, tx);
    expect(versions.map(({ definition }) => definition)).toEqual(JSON_VALUES.toReversed());
    expect(versions.at(-1)).toEqual({ version: 0, definition: null, createdBy: "ada", createdAt: 0 });
    const twice = stores.jobs.saveVersion(id, { version: 1, definition: {}, createdBy: null, createdAt: 9 }, tx);
    await expect(twice).rejects.toThrow(ConstraintViolationError);
  },
  "keeps payloads, targets and metadata of every shape": async (world) => {
    for (const value of JSON_VALUES) {
      const { id } = await createJob(world, { payload: value, handlerTarget: value, metadata: value });
      const stored = await world.stores.jobs.get(id, world.tx);
      expect([stored.payload, stored.handlerTarget, stored.metadata]).toEqual([value, value, value]);
    }
  },
  "keeps hostile texts as they are": async (world) => {
    const { stores, tx } = world;
    for (const text of HOSTILE_STRINGS) {
      const texts = { key: text, name: text, description: text, handlerName: text, uniqueKey: text, createdBy: text };
      const job = await createJob(world, { ...texts, tags: [text] });
      await stores.jobs.change(job, { pauseNote: text }, 6, tx);
      const stored = { ...job, ...texts, tags: [text], pauseNote: text, updatedAt: 6 };
      expect(await stores.jobs.findByKey(DEFAULT_PLATFORM_ID, text, tx)).toEqual(stored);
      expect(await stores.jobs.findLatestByUniqueKey(DEFAULT_PLATFORM_ID, text, tx)).toEqual(stored);
      expect(ids(await stores.jobs.list({ tags: [text], handlerName: text }, tx))).toEqual([job.id]);
    }
  },
  "refuses a payload over the limit, or one that would lose something": async (world) => {
    const { stores, tx } = world;
    const large = "x".repeat(2 * 1024 * 1024);
    await expect(createJob(world, { payload: large })).rejects.toThrow(ValueTooLargeError);
    await expect(createJob(world, { payload: large })).rejects.toThrow("payload of job report");
    await expect(createJob(world, { metadata: Number.NaN })).rejects.toThrow(NotSerialisableError);
    const job = await createJob(world);
    await expect(stores.jobs.change(job, { payload: large }, 6, tx)).rejects.toThrow(ValueTooLargeError);
    expect(ids(await stores.jobs.list({}, tx))).toEqual([job.id]);
  },
  "names the row and the column that does not hold JSON": async (world) => {
    const { stores, database, tx } = world;
    for (const column of ["payload", "handler_target", "tags", "metadata"]) {
      const { id } = await createJob(world, { key: column });
      const broken = sql`update scheduled_jobs set ${sql.ref(column)} = '{"a":' where id = ${id}`;
      await database.transaction(({ executor }) => broken.execute(executor), tx);
      const reading = stores.jobs.findByKey(DEFAULT_PLATFORM_ID, column, tx);
      await expect(reading).rejects.toThrow(CorruptRowError);
      await expect(reading).rejects.toMatchObject({ table: "scheduled_jobs", id, column });
      const [listed] = await stores.jobs.list({}, tx);
      expect(JSON.stringify(listed)).toContain(UNREADABLE);
      expect(listed).toMatchObject({ id, key: column });
      await stores.jobs.delete([id], tx);
    }
    const { id } = await createJob(world);
    await stores.jobs.saveVersion(id, { version: 3, definition: {}, createdBy: null, createdAt: 1 }, tx);
    const broken = sql`update job_versions set definition = 'x' where job_id = ${id}`;
    await database.transaction(({ executor }) => broken.execute(executor), tx);
    expect(await stores.jobs.listVersions(id, tx)).toMatchObject([{ version: 3, definition: UNREADABLE }]);
  },
  "deletes the jobs that ended before a time, oldest first": async (world) => {
    const { stores, tx } = world;
    const later = await createJob(world, { status: "completed", finishedAt: 20 });
    const first = await createJob(world, { status: "failed", finishedAt: 10 });
    const cancelled = await createJob(world, { status: "cancelled", finishedAt: 15 });
    const open = await createJob(world);
    const remove = (before: number, limit = 10) =>
      stores.jobs.deleteFinishedBefore(["completed", "failed"], before, limit, tx);
    await createExecution(world, first);
    expect(await remove(10)).toBe(0);
    expect(await remove(21, 1)).toBe(1);
    expect(ids(await stores.jobs.list({}, tx))).toEqual([open.id, cancelled.id, later.id]);
    expect(await remove(21)).toBe(1);
    expect(ids(await stores.jobs.list({}, tx))).toEqual([open.id, cancelled.id]);
  },
  "deletes more jobs than a statement may name": async (world) => {
    const created: JobId[] = [];
    for (let index = 0; index < 1_100; index += 1) created.push((await createJob(world)).id);
    expect(await world.stores.jobs.delete(created, world.tx)).toBe(1_100);
  },
});
