import { defineJobHandler, InvalidJobError, JobStateError, UnknownNameError } from "@millrace/agent";
import type { JobId } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openRouteBench, type RouteBench } from "../../testing/route-bench.ts";
import letters from "../../testing/fixtures/letters.ts";
import * as contract from "../contract/jobs.ts";
import type { AnyOperation } from "../contract/operation.ts";
import { RefusedError } from "../problem.ts";
import { JOB_IMPLEMENTATIONS } from "./jobs.ts";

const HOURLY = { type: "recurring", name: "report", handler: "write", interval: "1h", payload: { to: "Anna" } };
const HOUR_MS = 60 * 60 * 1_000;
const NOBODY = "01890000-0000-7000-8000-000000000000";

let bench: RouteBench;

beforeEach(async () => {
  const write = defineJobHandler({ name: "write", payload: z.object({ to: z.string() }), handler: ({ to }) => to });
  bench = await openRouteBench(JOB_IMPLEMENTATIONS, { jobHandlers: [write], workflows: letters.workflows });
});
afterEach(() => bench.close());

const create = (job: object = {}, by = undefined as RouteBench["stranger"] | undefined) =>
  bench.call(contract.createJob, { body: { ...HOURLY, ...job } }, by);

const names = (items: readonly { name: string }[]) => items.map(({ name }) => name);

describe("making and changing jobs", () => {
  test("a job is made by who asks, whatever the body says", async () => {
    const job = await create({ createdBy: "somebody else" });
    expect(job).toMatchObject({ name: "report", status: "pending", schedule: "every hour", createdBy: "olga" });
  });

  test("a new version is made by who edits it, and the job stays theirs who made it", async () => {
    const { id } = await create();
    const edited = await bench.call(contract.editJob, { params: { job: id }, body: { interval: "2h" } });
    expect(edited).toMatchObject({ version: 2, intervalMs: 2 * HOUR_MS, createdBy: "olga" });
    const { items } = await bench.call(contract.listJobVersions, { params: { job: id } });
    expect(items.map(({ version, createdBy }) => [version, createdBy])).toEqual([
      [2, "olga"],
      [1, "olga"],
    ]);
  });

  test("what is not valid is refused with the paths of its faults", async () => {
    const { id } = await create();
    const edit = bench.call(contract.editJob, { params: { job: id }, body: { interval: "soon", surplus: 1 } });
    await expect(edit).rejects.toThrow(InvalidJobError);
    await expect(edit).rejects.toThrow(/interval: .*\n.*surplus/s);
  });

  test("what was shown without its secret is not taken for the secret", async () => {
    const { id } = await create({ metadata: { token: "a-real-one" } });
    const metadata = { token: "[redacted]", team: "post" };
    const edit = bench.call(contract.editJob, { params: { job: id }, body: { metadata } });
    await expect(edit).rejects.toThrow(/body\.metadata\.token/);
    await expect(create({ metadata })).rejects.toThrow(RefusedError);
    const run = bench.call(contract.runJob, { params: { job: id }, body: { payload: { to: "Bearer [redacted]" } } });
    await expect(run).rejects.toThrow(RefusedError);
    const job = (await bench.call(contract.showJob, { params: { job: id } })).job;
    expect(job).toMatchObject({ version: 1, metadata: { token: "a-real-one" } });
  });

  test("of versions without end the newest are shown", async () => {
    const { id } = await create();
    await bench.database.transaction(({ executor }) =>
      executor
        .insertInto("job_versions")
        .values(
          Array.from({ length: 250 }, (_, index) => ({
            job_id: id as JobId,
            version: index + 2,
            definition: "{}",
            created_by: null,
            created_at: 0,
          })),
        )
        .execute(),
    );
    const { items } = await bench.call(contract.listJobVersions, { params: { job: id } });
    expect([items.length, items[0]?.version]).toEqual([200, 251]);
  });

  test("a preview says when it would run and stores nothing", async () => {
    const preview = await bench.call(contract.previewJob, {
      body: { job: { ...HOURLY, interval: undefined, cron: "0 9 * * *" }, count: 2 },
    });
    expect(preview.description).toBe("At 09:00 (UTC)");
    expect(preview.runs.map(({ local }) => local)).toEqual(["2026-01-01T09:00:00+00:00", "2026-01-02T09:00:00+00:00"]);
    expect((await bench.call(contract.listJobs)).items).toEqual([]);
  });

  test("a job is shown with its statistics and its next runs", async () => {
    const { id } = await create();
    await bench.advance("90m");
    const { job, next, statistics } = await bench.call(contract.showJob, { params: { job: id } });
    expect(job).toMatchObject({ executionCount: 2, successCount: 2 });
    expect(next.map((at) => (at - bench.clock.now()) / HOUR_MS)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5]);
    expect(statistics).toMatchObject({ executions: 2, successRate: 1 });
  });

  test("a paused job has no next runs and a note, and goes on when it is resumed", async () => {
    const params = { job: (await create()).id };
    expect(await bench.call(contract.pauseJob, { params, body: { note: "holiday" } })).toMatchObject({
      status: "paused",
      pauseNote: "holiday",
    });
    expect((await bench.call(contract.showJob, { params })).next).toEqual([]);
    expect((await bench.call(contract.resumeJob, { params, body: {} })).nextRun).not.toBeNull();
    await expect(bench.call(contract.resumeJob, { params, body: {} })).rejects.toThrow(JobStateError);
  });

  test("a job runs once more for who asks, with a payload of its own", async () => {
    const params = { job: (await create()).id };
    const execution = await bench.call(contract.runJob, { params, body: { payload: { to: "Bert" } } });
    expect(execution).toMatchObject({ origin: "manual", createdBy: "olga", payload: { to: "Bert" } });
  });

  test("the next tick is left out, and the log of decisions says why", async () => {
    const { id, nextRun } = await create();
    await bench.advance("1m");
    const params = { job: id };
    const skipped = await bench.call(contract.skipNextRun, { params, body: { reason: "nobody is there" } });
    expect(skipped.nextRun! - nextRun!).toBe(2 * HOUR_MS);
    const { items } = await bench.call(contract.listJobDecisions, { params });
    expect(items[0]).toMatchObject({ decision: "skipped", reason: "nobody is there" });
  });

  test("a dry backfill counts what the real one makes", async () => {
    const from = bench.clock.now();
    await bench.advance("3h");
    const { id } = await create();
    const body = { from: from + 1, until: bench.clock.now() - 1 };
    const call = (dryRun: boolean) =>
      bench.call(contract.backfillJob, { params: { job: id }, body: { ...body, dryRun } });
    const counted = await call(true);
    expect(counted).toEqual(await call(false));
    expect(await call(true)).toEqual({ ...counted, executions: 0 });
  });

  test("a cancelled job keeps its history, a deleted one is gone", async () => {
    const params = { job: (await create()).id };
    expect((await bench.call(contract.cancelJob, { params, body: { reason: "no need" } })).status).toBe("cancelled");
    expect(await bench.call(contract.deleteJob, { params })).toEqual({ done: true });
    await expect(bench.call(contract.showJob, { params })).rejects.toThrow(UnknownNameError);
  });
});

describe("lists of jobs", () => {
  test("pages follow each other without a gap", async () => {
    for (let number = 1; number <= 7; number += 1) await create({ name: `job ${number}` });
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const query: object = cursor === null ? { limit: "3" } : { limit: "3", cursor };
      const { items, nextCursor } = await bench.call(contract.listJobs, { query });
      seen.push(...names(items));
      cursor = nextCursor;
      if (cursor === null) break;
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((number) => `job ${number}`));
  });

  test("a cursor that is none is refused", async () => {
    await expect(bench.call(contract.listJobs, { query: { cursor: "x" } })).rejects.toThrow(InvalidJobError);
  });

  test("text is looked for in names, ids and payloads", async () => {
    const anna = await create();
    await create({ name: "invoice", payload: { to: "Bert" } });
    const found = async (text: string) => names((await bench.call(contract.listJobs, { query: { text } })).items);
    expect(await found("VOIC")).toEqual(["invoice"]);
    expect(await found("bert")).toEqual(["invoice"]);
    expect(await found(anna.id.slice(-6))).toEqual(["report"]);
    expect(await found("nothing like it")).toEqual([]);
  });

  test("filters are all applied", async () => {
    await create({ tags: ["a"] });
    await create({ name: "other", tags: ["a", "b"] });
    await create({ name: "once", type: "one_time", interval: undefined, in: "1d" });
    const found = async (query: object) => names((await bench.call(contract.listJobs, { query })).items);
    expect(await found({ type: "one_time" })).toEqual(["once"]);
    expect(await found({ tag: "b", status: "pending,active" })).toEqual(["other"]);
    expect(await found({ handler: "nobody" })).toEqual([]);
  });

  test("what jobs can run is listed", async () => {
    expect(await bench.call(contract.listJobHandlers)).toEqual({
      functions: ["write"],
      workflows: [
        { name: "letters", producers: ["plan"], topics: ["due"] },
        { name: "broken", producers: ["poll"], topics: [] },
      ],
      agents: false,
    });
  });
});

describe("somebody of another platform", () => {
  test("sees none of the jobs here, and an id of one is no id to them", async () => {
    const params = { job: (await create()).id };
    const { stranger } = bench;
    expect((await bench.call(contract.listJobs, {}, stranger)).items).toEqual([]);
    const missing = bench.call(contract.showJob, { params: { job: NOBODY } }, stranger);
    const theirs = bench.call(contract.showJob, { params }, stranger);
    await expect(missing).rejects.toThrow(new UnknownNameError("job", NOBODY));
    await expect(theirs).rejects.toThrow(new UnknownNameError("job", params.job));
  });

  test.each<[AnyOperation, object | undefined]>([
    [contract.pauseJob, {}],
    [contract.resumeJob, {}],
    [contract.cancelJob, {}],
    [contract.runJob, {}],
    [contract.skipNextRun, {}],
    [contract.editJob, { interval: "2h" }],
    [contract.backfillJob, { from: 0, until: 1, dryRun: true }],
    [contract.deleteJob, undefined],
    [contract.listJobVersions, undefined],
    [contract.listJobDecisions, undefined],
  ])("can't use $id on it", async (operation, body) => {
    const { id } = await create();
    const sent = { params: { job: id }, body };
    await expect(bench.call(operation, sent, bench.stranger)).rejects.toThrow(UnknownNameError);
    expect(await bench.engine.jobs.getJob(id)).toMatchObject({ status: "pending", version: 1 });
  });

  test("can't edit a job by making one of its id", async () => {
    const { id } = await create();
    await expect(create({ id, interval: "5m" }, bench.stranger)).rejects.toThrow(UnknownNameError);
  });

  test("can't let a job reach into a workflow that is not theirs", async () => {
    const reach = { handler: { workflow: "letters", topic: "due" } };
    await expect(create(reach, bench.stranger)).rejects.toThrow('There is no workflow "letters"');
    expect((await bench.call(contract.listJobHandlers, {}, bench.stranger)).workflows).toEqual([]);
  });
});
