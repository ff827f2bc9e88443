/** What is next, what is oldest, and what the lists of few rows find. */
import { DEFAULT_PLATFORM_ID, type EventId, type JobId, type TopicId } from "@millrace/db";
import { expect } from "vitest";
import { createExecution, createJob } from "../support/job-rows.ts";
import { createInput, createMutation, createRun, publishEvent } from "../support/ledger-rows.ts";
import { describeStore } from "../support/store-behaviours.ts";

const platformId = DEFAULT_PLATFORM_ID;
const NO_EVENT = "nope" as EventId;

const ids = <Id>(rows: readonly { id: Id }[]) => rows.map(({ id }) => id);

describeStore("What is next", {
  "of the producers is the earliest of all schedules, and null where there is none": async (world) => {
    const { stores, workflow, tx } = world;
    expect(await stores.producerSchedules.earliestNextRun(tx)).toBeNull();
    const described = { workflowId: workflow.id, scheduleType: "interval", scheduleValue: "5m" } as const;
    const clocks = { timezone: "UTC", dstGap: "shift", dstOverlap: "first" } as const;
    for (const [producerName, nextRunAt] of Object.entries({ a: 30, b: 20 })) {
      await stores.producerSchedules.save({ ...described, ...clocks, producerName, nextRunAt }, tx);
    }
    expect(await stores.producerSchedules.earliestNextRun(tx)).toBe(20);
  },
  "of the retries is the soonest of a workflow that may run": async (world) => {
    const { stores, workflow, tx } = world;
    const run = await createRun(world, "paused:transient");
    const patch = { pendingRetryRunId: run.id, retryAt: 50 };
    await stores.workflows.update(workflow.id, patch, 6, tx);
    const list = (until: number) => stores.upcoming.listRetries(platformId, { until, limit: 10 }, tx);
    const { handlerName: handler, handlerType } = run;
    expect(await list(51)).toEqual([{ workflowId: workflow.id, workflow: "invoices", handler, handlerType, at: 50 }]);
    expect(await list(50)).toEqual([]);
    await stores.workflows.update(workflow.id, { status: "paused" }, 7, tx);
    expect(await list(51)).toEqual([]);
  },
});

describeStore("What is oldest", {
  "of the finished jobs is the one that ended first": async (world) => {
    const { stores, tx } = world;
    await createJob(world);
    expect(await stores.jobs.oldestFinishedAt(tx)).toBeNull();
    await createJob(world, { status: "completed", finishedAt: 20 });
    await createJob(world, { status: "failed", finishedAt: 10 });
    expect(await stores.jobs.oldestFinishedAt(tx)).toBe(10);
  },
  "of the finished executions is the one that ended first": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    await createExecution(world, job, { scheduledAt: 1 });
    expect(await stores.jobHistory.oldestCompletedAt(tx)).toBeNull();
    await createExecution(world, job, { scheduledAt: 2, status: "success", completedAt: 20 });
    await createExecution(world, job, { scheduledAt: 3, status: "success", completedAt: 10 });
    expect(await stores.jobHistory.oldestCompletedAt(tx)).toBe(10);
  },
  "of the decisions is the one that was made first": async (world) => {
    const { stores, tx } = world;
    expect(await stores.scheduleDecisions.oldestDecidedAt(tx)).toBeNull();
    const job = await createJob(world);
    const none = { workflowId: null, producerName: null, executionId: null, runId: null, reason: null };
    for (const decidedAt of [20, 10]) {
      const decision = { jobId: job.id, scheduledAt: decidedAt, decidedAt, decision: "fired", count: 1 } as const;
      await stores.scheduleDecisions.append({ ...none, ...decision }, tx);
    }
    expect(await stores.scheduleDecisions.oldestDecidedAt(tx)).toBe(10);
  },
});

describeStore("What is found", {
  "of the inputs are those behind an event, oldest first": async (world) => {
    const { stores, tx } = world;
    const [late, early, other] = [
      await createInput(world, { externalId: "late" }, 8),
      await createInput(world, { externalId: "early" }, 5),
      await createInput(world, { externalId: "other" }, 4),
    ];
    const event = await publishEvent(world, "m", { inputs: [late, early] });
    await publishEvent(world, "n", { inputs: [other] });
    expect(await stores.inputs.listOfEvent(event.id, tx)).toEqual([early, late]);
    expect(await stores.inputs.listOfEvent(NO_EVENT, tx)).toEqual([]);
  },
  "of the executions are those whose id ends so": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const one = await createExecution(world, job, { scheduledAt: 1 });
    await createExecution(world, job, { scheduledAt: 2 });
    expect(await stores.jobHistory.listByIdEnding(one.id.slice(-12), 2, tx)).toEqual([one]);
    expect(await stores.jobHistory.listByIdEnding("", 1, tx)).toHaveLength(1);
  },
  "of the workflows are those whose name has a piece": async ({ stores, workflow, tx }) => {
    const other = await stores.workflows.create({ name: "Orders", status: "active", handlerConfig: {} }, 1, tx);
    expect(ids(await stores.workflows.list({ text: "ORD" }, tx))).toEqual([other.id]);
    expect(ids(await stores.workflows.list({ text: "voice" }, tx))).toEqual([workflow.id]);
  },
  "of the jobs are those with a piece in the name, the id or the payload": async (world) => {
    const { stores, tx } = world;
    const byName = await createJob(world, { name: "weekly letter" });
    const byPayload = await createJob(world, { payload: { kind: "letter" } });
    const found = async (search: string) => ids(await stores.jobs.list({ search }, tx));
    expect(await found("letter")).toEqual([byPayload.id, byName.id]);
    expect(await found(byName.id)).toEqual<JobId[]>([byName.id]);
  },
  "of the mutations of several runs are all, oldest first, and by their ids within one moment": async (world) => {
    const { stores, tx } = world;
    const [late, first, second] = [
      await createMutation(world, "applied", { now: 9 }),
      await createMutation(world, "failed", { now: 7 }),
      await createMutation(world, "applied", { now: 7 }),
    ];
    const runs = [second, late, first].map(({ handlerRunId }) => handlerRunId);
    expect(ids(await stores.lineage.mutationsOf(runs, tx))).toEqual(ids([first, second, late]));
  },
  "of an event by an id or a message id that nothing has, is null": async ({ stores, topic, tx }) => {
    expect(await stores.events.find(NO_EVENT, tx)).toBeNull();
    expect(await stores.events.findByMessageId(topic.id, "nope", tx)).toBeNull();
    expect(await stores.events.findByMessageId("nope" as TopicId, "m", tx)).toBeNull();
  },
  "of the runs that hold an input's events is each one once": async (world) => {
    const { stores, startRun, tx } = world;
    const input = await createInput(world, { externalId: "1" });
    const events = [
      await publishEvent(world, "a", { inputs: [input] }),
      await publishEvent(world, "b", { inputs: [input] }),
    ];
    expect(await stores.events.runsHoldingInput(input.id, tx)).toEqual([]);
    const run = await startRun();
    await stores.events.reserve(ids(events), run.id, 1, 7, tx);
    expect(await stores.events.runsHoldingInput(input.id, tx)).toEqual([run.id]);
  },
  "to close of the notifications are those about a mutation": async (world) => {
    const { stores, workflow, tx } = world;
    const [one, other] = [await createMutation(world, "indeterminate"), await createMutation(world, "indeterminate")];
    for (const { id } of [one, other]) {
      const about = { workflowId: workflow.id, runId: null, mutationId: id };
      await stores.notifications.create({ ...about, kind: "indeterminate", message: "m" }, 8, tx);
    }
    expect(await stores.notifications.resolveMatching({ mutationId: one.id }, 9, tx)).toBe(1);
    expect((await stores.notifications.listOpen(workflow.id, tx)).map(({ mutationId }) => mutationId)).toEqual([
      other.id,
    ]);
  },
});

describeStore("An event that was replaced", {
  "since it was seen is not reserved, one that is as it was seen is": async (world) => {
    const { stores, startRun, tx } = world;
    const seen = await publishEvent(world, "a", { now: 6 });
    const { updatedAt } = await publishEvent(world, "a", { payload: 2, now: 6 });
    expect(updatedAt).toBeGreaterThan(seen.updatedAt);
    const run = await startRun();
    const reserve = (at: number) => stores.events.reserve(new Map([[seen.id, at]]), run.id, 1, 7, tx);
    await expect(reserve(seen.updatedAt)).rejects.toThrow(seen.id);
    expect(await reserve(updatedAt)).toMatchObject([{ id: seen.id, payload: 2 }]);
  },
});
