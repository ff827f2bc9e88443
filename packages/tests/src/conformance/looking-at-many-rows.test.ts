/** What the dashboard and the API show of many rows at once: names, glances, details and log lines. */
import {
  DEFAULT_PLATFORM_ID,
  UNREADABLE,
  type LogLevel,
  type RunId,
  type TopicId,
  type WorkflowId,
} from "@millrace/db";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createJob } from "../support/job-rows.ts";
import { createInput, createMutation, createRun, publishEvent } from "../support/ledger-rows.ts";
import { createWorld, describeStore, withDatabase, type StoreWorld } from "../support/store-behaviours.ts";

const line = (message: string, level: LogLevel = "info", data: unknown = null) =>
  ({ at: 7, level, message, data }) as { at: number; level: LogLevel; message: string; data: null };

/** Two runs of two workflows, each with log lines. */
async function writeLogs(world: StoreWorld) {
  const { stores, tx, workflow } = world;
  const other = await stores.workflows.create({ name: "other", status: "active", handlerConfig: {} }, 1, tx);
  const [first, second] = [await world.startRun(), await world.startRun(other)];
  await stores.handlerRuns.appendLogs(first.id, [line("a"), line("b", "error")], tx);
  await stores.handlerRuns.appendLogs(second.id, [line("c", "warn")], tx);
  await stores.handlerRuns.appendLogs(first.id, [line("d")], tx);
  return { first, second, other, workflow };
}

const words = (lines: readonly { message: string }[]) => lines.map(({ message }) => message);

describeStore("NameStore", {
  "names workflows, topics, jobs and versions, each once, and leaves out what there is none of": async (world) => {
    const { stores, tx, workflow, topic } = world;
    const job = await createJob(world);
    const { scriptId } = await world.startRun();
    const { names } = stores;
    const named = { id: workflow.id, name: "invoices", platformId: DEFAULT_PLATFORM_ID };
    expect(await names.workflows([workflow.id, workflow.id, "gone" as WorkflowId], tx)).toEqual(
      new Map([[workflow.id, named]]),
    );
    expect(await names.topics([topic.id, "gone" as TopicId], tx)).toEqual(new Map([[topic.id, "mail"]]));
    expect([...(await names.jobs([job.id], tx)).values()]).toEqual([
      { id: job.id, name: "report", platformId: DEFAULT_PLATFORM_ID },
    ]);
    expect(await names.versions(new Set([scriptId]), tx)).toEqual(new Map([[scriptId, "1.0"]]));
    expect(await names.workflows([], tx)).toEqual(new Map());
  },
});

describeStore("RunLogStore", {
  "gives the last lines in the order in which they were kept": async (world) => {
    await writeLogs(world);
    const { runLogs } = world.stores;
    expect(words(await runLogs.list({}, world.tx))).toEqual(["a", "b", "c", "d"]);
    expect(words(await runLogs.list({ limit: 2 }, world.tx))).toEqual(["c", "d"]);
  },
  "gives the lines behind a position, so that nobody who follows misses one": async (world) => {
    await writeLogs(world);
    const { runLogs } = world.stores;
    const [, second] = await runLogs.list({}, world.tx);
    expect(words(await runLogs.list({ after: second!.position, limit: 1 }, world.tx))).toEqual(["c"]);
    const last = await runLogs.lastPosition(world.tx);
    expect(await runLogs.list({ after: last }, world.tx)).toEqual([]);
  },
  "has no position where there are no lines": async ({ stores, tx }) => {
    expect(await stores.runLogs.lastPosition(tx)).toBe(0);
  },
  "finds the lines of a workflow, of a run, and of levels": async (world) => {
    const { first, other } = await writeLogs(world);
    const { runLogs } = world.stores;
    expect(words(await runLogs.list({ workflowId: other.id }, world.tx))).toEqual(["c"]);
    expect(words(await runLogs.list({ runId: first.id }, world.tx))).toEqual(["a", "b", "d"]);
    expect(words(await runLogs.list({ levels: ["warn", "error"] }, world.tx))).toEqual(["b", "c"]);
  },
});

describeStore("DetailStore", {
  "gives the log of a run by levels and from a line on": async (world) => {
    const { first } = await writeLogs(world);
    const { details } = world.stores;
    expect(words(await details.logsOfRun(first.id, { limit: 2 }, world.tx))).toEqual(["a", "b"]);
    expect(await details.logsOfRun(first.id, { after: 1, levels: ["info"], limit: 9 }, world.tx)).toEqual([
      { ...line("d"), seq: 3 },
    ]);
  },
  "finds the runs of an event and the versions of a workflow": async (world) => {
    const { stores, tx, workflow } = world;
    const run = await world.startRun();
    const event = await publishEvent(world, "m1");
    await stores.events.reserve([event.id], run.id, 1, 7, tx);
    expect((await stores.details.runsOfEvent(event.id, 5, tx)).map(({ id }) => id)).toEqual([run.id]);
    expect(await stores.details.versionsOf(workflow.id, 5, tx)).toMatchObject([{ major: 1, minor: 0, digest: "d" }]);
    expect(await stores.details.findVersion(workflow.id, { major: 1, minor: 0 }, tx)).toMatchObject({ source: "" });
    expect(await stores.details.findVersion(workflow.id, { major: 2, minor: 0 }, tx)).toBeNull();
  },
});

describeStore("GlanceStore", {
  "counts what is pending and what is open, by workflow and by kind": async (world) => {
    const { stores, tx, workflow } = world;
    await publishEvent(world, "m1");
    await publishEvent(world, "m2");
    const notice = { workflowId: workflow.id, runId: null, mutationId: null, message: "?" };
    await stores.notifications.create({ ...notice, kind: "logic" }, 5, tx);
    const closed = await stores.notifications.create({ ...notice, kind: "internal" }, 5, tx);
    await stores.notifications.resolve(closed.id, 6, tx);
    const { glances } = stores;
    expect(await glances.pendingEvents([workflow.id, "gone" as WorkflowId], tx)).toEqual(new Map([[workflow.id, 2]]));
    expect(await glances.openNotifications([workflow.id], tx)).toEqual(new Map([[workflow.id, 1]]));
    expect(await glances.openByKind(DEFAULT_PLATFORM_ID, tx)).toEqual([{ kind: "logic", count: 1 }]);
  },
  "gives the last run of each workflow": async (world) => {
    await createRun(world, "crashed", { now: 5 });
    const last = await createRun(world, "crashed", { now: 9 });
    const runs = await world.stores.glances.lastRuns([world.workflow.id], world.tx);
    expect([...runs].map(([id, run]) => [id, run.id])).toEqual([[world.workflow.id, last.id]]);
  },
  "tells what came of the newest inputs, and of which handlers through which connectors": async (world) => {
    const { stores, tx, workflow } = world;
    const { glances } = stores;
    expect(await glances.newestInputs(workflow.id, 2, tx)).toEqual({ count: 0, since: null });
    const [old, one, two] = [
      await createInput(world, { externalId: "1" }, 5),
      await createInput(world, { externalId: "2" }, 6),
      await createInput(world, { externalId: "3" }, 7),
    ];
    await createMutation(world, "failed", { inputs: [old] });
    await createMutation(world, "applied", { inputs: [one, two] });
    expect(await glances.newestInputs(workflow.id, 2, tx)).toEqual({ count: 2, since: 6 });
    // Two inputs are behind it, and it is one.
    expect(await glances.outputsOfNewestInputs(workflow.id, 2, tx)).toEqual([
      { connector: "sheets", operation: "append", status: "applied", mutations: 1 },
    ]);
    expect(await glances.connectorsOfHandlers(workflow.id, 9, tx)).toEqual([
      { handlerName: "addRow", connector: "sheets" },
    ]);
  },
  "tells through which connectors the calls of unknown outcome went": async (world) => {
    await createMutation(world, "indeterminate", { now: 7 });
    await createMutation(world, "needs_reconcile", { now: 9 });
    await createMutation(world, "applied", { now: 11 });
    expect(await world.stores.glances.outages(DEFAULT_PLATFORM_ID, world.tx)).toEqual([
      { connector: "sheets", count: 2, first: 7, last: 9 },
    ]);
  },
});

describeStore("CountStore", {
  "counts workflows by status, and those that need attention": async ({ stores, tx }) => {
    expect(await stores.counts.workflows(DEFAULT_PLATFORM_ID, tx)).toEqual([
      { status: "active", count: 1, withError: 0 },
    ]);
  },
});

describeStore("NotificationStore, as a list", {
  "finds those about a job, open or not, and none that are about a workflow": async (world) => {
    const { stores, tx, workflow } = world;
    const job = await createJob(world);
    const about = { runId: null, mutationId: null, kind: "job_paused", message: "too often" } as const;
    const open = await stores.notifications.create({ ...about, jobId: job.id }, 5, tx);
    const closed = await stores.notifications.create({ ...about, jobId: job.id }, 6, tx);
    await stores.notifications.resolve(closed.id, 7, tx);
    const ids = async (filter: object) =>
      (await stores.notifications.list({ jobId: job.id, ...filter }, tx)).map((n) => n.id);
    expect(await ids({})).toEqual([closed.id, open.id]);
    expect(await ids({ open: true })).toEqual([open.id]);
    expect(await ids({ open: false })).toEqual([closed.id]);
    expect(await ids({ workflowId: workflow.id })).toEqual([]);
    expect(await stores.notifications.resolveMatching({ jobId: job.id, kinds: ["job_paused"] }, 8, tx)).toBe(1);
  },
});

describeStore("ProducerScheduleStore, of several workflows", {
  "lists the schedules of those that are asked for": async ({ stores, tx, workflow }) => {
    expect(await stores.producerSchedules.listForWorkflows([workflow.id], tx)).toEqual([]);
    expect(await stores.producerSchedules.listForWorkflows([], tx)).toEqual([]);
  },
});

test("a log line that can't be read hides no other", async () => {
  await withDatabase("memory", async (database) => {
    const world = { ...(await createWorld(database)), tx: undefined };
    const run = await world.startRun();
    await world.stores.handlerRuns.appendLogs(run.id, [line("a"), line("b")]);
    const breakLine = (id: RunId) =>
      database.transaction(({ executor }) =>
        sql`update run_logs set data = '{' where run_id = ${id} and seq = 1`.execute(executor),
      );
    await breakLine(run.id);
    const lines = [
      { data: UNREADABLE, message: "a" },
      { data: null, message: "b" },
    ];
    expect(await world.stores.runLogs.list()).toMatchObject(lines);
    expect(await world.stores.details.logsOfRun(run.id, { limit: 5 })).toMatchObject(lines);
  });
});
