import { defineJobHandler, defineWorkflow, NetworkError } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, type RouteBench } from "../../testing/route-bench.ts";
import letters from "../../testing/fixtures/letters.ts";
import payments from "../../testing/fixtures/payments.ts";
import { showOverview } from "../contract/overview.ts";
import { OVERVIEW_IMPLEMENTATIONS } from "./overview.ts";

const MINUTE_MS = 60_000;

/** A producer whose other side does not answer. */
const offline = defineWorkflow({
  name: "offline",
  topics: {},
  producers: (producer) => ({
    poll: producer({
      publishes: [],
      schedule: { cron: "30 0 * * *" },
      async handler() {
        throw new NetworkError("nobody answers");
      },
    }),
  }),
});

let bench: RouteBench;

beforeEach(async () => {
  const jobHandlers = [defineJobHandler({ name: "write", handler: () => null })];
  const workflows = [...letters.workflows, payments, offline];
  bench = await openRouteBench(OVERVIEW_IMPLEMENTATIONS, { jobHandlers, workflows });
  await bench.advance("0ms");
});
afterEach(() => bench.close());

const look = (span?: string, by?: RouteBench["stranger"]) =>
  bench.call(showOverview, { query: span === undefined ? {} : { span } }, by);

test("what needs a person comes with the actions that it is about, newest first", async () => {
  const { attention, outputs } = await look();
  expect(attention.total).toBe(3);
  expect(attention.newest.map(({ kind, workflow }) => `${workflow?.name}: ${kind}`).toSorted()).toEqual([
    "broken: logic",
    "letters: approval",
    "payments: indeterminate",
  ]);
  const unknown = attention.newest.find(({ kind }) => kind === "indeterminate");
  expect(unknown?.mutation).toMatchObject({ title: "Pay 1", params: { number: "1" }, workflow: { name: "payments" } });
  expect(outputs).toEqual({ unknown: 1, awaitingApproval: 1, failed: 0 });
});

test("only the newest are shown, and all are counted", async () => {
  const workflowId = (await bench.engine.workflowByName("letters")).id;
  for (let number = 1; number <= 6; number += 1) {
    const notice = { workflowId, runId: null, mutationId: null, kind: "internal", message: `${number}` } as const;
    await bench.stores.notifications.create(notice, bench.clock.now() + number);
  }
  const { attention } = await look();
  expect(attention.total).toBe(9);
  expect(attention.newest.map(({ message }) => message)).toEqual(["6", "5", "4", "3", "2"]);
});

test("workflows are counted by status", async () => {
  await bench.engine.pause("offline");
  const { workflows } = await look();
  expect(workflows.total).toBe(4);
  expect(workflows.withError).toBe(2);
  expect(workflows.byStatus).toEqual([
    { status: "active", count: 3 },
    { status: "paused", count: 1 },
  ]);
});

describe("activity", () => {
  test.each([
    ["hour", 60, MINUTE_MS],
    ["day", 24, 60 * MINUTE_MS],
    ["week", 28, 360 * MINUTE_MS],
  ])("a span of one %s has %i buckets, also where nothing happened", async (span, count, bucketMs) => {
    const { activity } = await look(span);
    expect(activity.bucketMs).toBe(bucketMs);
    expect(activity.buckets.map(({ at }) => at)).toEqual(
      Array.from({ length: count }, (_, index) => bench.clock.now() - (count - 1 - index) * bucketMs),
    );
    expect(activity.buckets[0]).toMatchObject({ committed: 0, failed: 0, waiting: 0, jobs: 0 });
  });

  test("runs are counted where they began, executions where they ended", async () => {
    await bench.engine.jobs.schedule({ type: "one_time", name: "later", handler: "write", in: "90s" });
    await bench.advance("2m");
    const { buckets } = (await look("hour")).activity;
    // Two producers published, and each of three consumers had looked before there was anything; one producer is broken.
    expect(buckets.at(-3)).toMatchObject({ committed: 5, failed: 1, waiting: 2, jobs: 0 });
    expect(buckets.at(-2)).toMatchObject({ committed: 0, failed: 0, waiting: 0, jobs: 1 });
  });

  test("what waited is counted anew once a person has decided", async () => {
    await bench.advance("5m");
    expect((await look("hour")).activity.buckets.at(-6)).toMatchObject({ committed: 5, waiting: 2 });
    const [mutation] = await bench.engine.outputs({ statuses: ["pending"] });
    await bench.engine.approve(mutation!.id, { by: "olga" });
    await bench.advance("1m");
    expect((await look("hour")).activity.buckets.at(-7)).toMatchObject({ committed: 6, waiting: 1 });
  });

  test("a bucket that is over and can't change any more is not counted again", async () => {
    const job = await bench.engine.jobs.schedule({ type: "one_time", name: "later", handler: "write", in: "90s" });
    await bench.advance("5m");
    expect((await look("hour")).activity.buckets.at(-5)!.jobs).toBe(1);
    await bench.engine.jobs.unschedule(job.id);
    await bench.advance("1m");
    expect((await look("hour")).activity.buckets.at(-6)!.jobs).toBe(1);
    expect((await look("day")).activity.buckets.at(-1)!.jobs).toBe(0);
  });
});

describe("what comes next", () => {
  const upcoming = async () =>
    (await look()).upcoming.map(({ kind, workflow, name, at, schedule }) => {
      const minutes = (at - bench.clock.now()) / MINUTE_MS;
      return `${kind} ${workflow ?? ""} ${name} in ${minutes} min: ${schedule ?? "-"}`;
    });

  test("producers, jobs and retries are in the order of their time; what is stopped is left out", async () => {
    await bench.engine.jobs.schedule({ type: "cron", cron: "45 0 * * *", name: "report", handler: "write" });
    await bench.engine.jobs.schedule({ type: "one_time", name: "tomorrow", handler: "write", in: "25h" });
    // Letters waits for an approval, payments for a verdict, broken for a new version.
    expect(await upcoming()).toEqual([
      "producer offline poll in 30 min: At 00:30 (UTC)",
      "job  report in 45 min: At 00:45 (UTC)",
      "producer letters plan in 60 min: every hour",
    ]);
    await bench.advance("30m");
    expect((await upcoming())[0]).toMatch(/^retry offline poll in 0\.\d+ min: -$/);
  });

  test("a consumer that asked for it is woken", async () => {
    const workflowId = (await bench.engine.workflowByName("offline")).id;
    const key = { workflowId, handlerName: "remind" };
    await bench.stores.handlerStates.saveWakeAt(key, bench.clock.now() + 5 * MINUTE_MS, null, bench.clock.now());
    expect((await upcoming())[0]).toBe("consumer offline remind in 5 min: -");
  });

  test("no more than fifty are shown", async () => {
    for (let number = 1; number <= 60; number += 1) {
      await bench.engine.jobs.schedule({ type: "one_time", name: `${number}`, handler: "write", in: `${number}m` });
    }
    expect(await upcoming()).toHaveLength(50);
  });
});

test("somebody of another platform sees nothing of all this", async () => {
  const { attention, workflows, activity, outputs, upcoming } = await look("hour", bench.stranger);
  expect([attention.total, workflows.total, outputs.unknown, upcoming.length]).toEqual([0, 0, 0, 0]);
  expect(activity.buckets.every(({ committed, failed, waiting }) => committed + failed + waiting === 0)).toBe(true);
});
