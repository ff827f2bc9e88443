import { defineJobHandler } from "@millrace/agent";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRouteBench, type RouteBench } from "../../testing/route-bench.ts";
import { actOnJobs } from "../contract/jobs.ts";
import { JOB_IMPLEMENTATIONS } from "./jobs.ts";

let bench: RouteBench;

beforeEach(async () => {
  const jobHandlers = [defineJobHandler({ name: "write", handler: () => null })];
  bench = await openRouteBench(JOB_IMPLEMENTATIONS, { jobHandlers });
});
afterEach(() => bench.close());

const create = (name: string, tags: string[] = []) =>
  bench.engine.jobs.schedule({ type: "cron", cron: "0 9 * * *", name, handler: "write", tags });

const act = (action: string, filter: object, dryRun = false, by = undefined as RouteBench["stranger"] | undefined) =>
  bench.call(actOnJobs, { body: { action, filter, dryRun } }, by);

const statuses = async () => (await bench.engine.jobs.listJobs()).items.map(({ name, status }) => `${name} ${status}`);

test("a dry run counts what matches, shows some of it and changes nothing", async () => {
  for (let number = 1; number <= 7; number += 1) await create(`report ${number}`);
  await create("backup");
  const result = await act("pause", { text: "report" }, true);
  expect(result).toMatchObject({ matched: 7, changed: 0, refused: [], truncated: false });
  expect(result.examples.map(({ name }) => name)).toEqual([7, 6, 5, 4, 3].map((number) => `report ${number}`));
  expect((await statuses()).filter((status) => status.endsWith("paused"))).toEqual([]);
});

test("an action changes all that match, and nothing else", async () => {
  await create("report", ["monthly"]);
  await create("letter", ["monthly"]);
  await create("backup");
  expect(await act("pause", { tag: "monthly" })).toMatchObject({ matched: 2, changed: 2, refused: [] });
  expect(await statuses()).toEqual(["backup pending", "letter paused", "report paused"]);
});

test("each job that refuses is named with its reason, and the others are done", async () => {
  await create("report");
  const { id } = await create("letter");
  await bench.engine.jobs.cancelJob(id);
  const result = await act("run", {});
  expect(result).toMatchObject({ matched: 2, changed: 1 });
  expect(result.refused).toEqual([{ id, name: "letter", reason: expect.stringContaining("is cancelled") as string }]);
});

test.each([
  ["pause", "resume", "pending"],
  ["pause", "cancel", "cancelled"],
])("after %s comes %s", async (first, second, status) => {
  await create("report");
  await act(first, {});
  expect(await act(second, {})).toMatchObject({ changed: 1 });
  expect(await statuses()).toEqual([`report ${status}`]);
});

test("the next tick of many jobs is left out", async () => {
  const { id, nextRun } = await create("report");
  await act("skip_next", {});
  expect((await bench.engine.jobs.getJob(id)).nextRun! - nextRun!).toBe(24 * 60 * 60 * 1_000);
});

test("an action is for who asks", async () => {
  const { id } = await create("report");
  await act("run", {});
  expect((await bench.engine.jobs.getJobHistory(id)).items).toMatchObject([{ createdBy: "olga" }]);
});

test("somebody of another platform matches nothing here", async () => {
  await create("report");
  expect(await act("cancel", {}, false, bench.stranger)).toMatchObject({ matched: 0, changed: 0 });
  expect(await statuses()).toEqual(["report pending"]);
});

test("more than a thousand jobs take more than one action, which says so", async () => {
  const inputs = Array.from({ length: 1_001 }, (_, number) => create(`report ${number}`));
  await Promise.all(inputs);
  expect(await act("pause", { statuses: ["pending"] })).toMatchObject({
    matched: 1_000,
    changed: 1_000,
    truncated: true,
  });
  expect(await act("pause", { statuses: ["pending"] })).toMatchObject({ matched: 1, changed: 1, truncated: false });
});
