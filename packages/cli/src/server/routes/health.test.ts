import { defineJobHandler } from "@millrace/agent";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRouteBench, type RouteBench } from "../../testing/route-bench.ts";
import letters from "../../testing/fixtures/letters.ts";
import { showHealth } from "../contract/overview.ts";
import { HEALTH_IMPLEMENTATIONS } from "./health.ts";

let bench: RouteBench;

beforeEach(async () => {
  const jobHandlers = [defineJobHandler({ name: "write", handler: () => null })];
  bench = await openRouteBench(HEALTH_IMPLEMENTATIONS, { jobHandlers, workflows: letters.workflows });
});
afterEach(() => bench.close());

test("a host that runs is well, and says what it keeps where", async () => {
  const health = await bench.call(showHealth);
  expect(health.status).toBe("ok");
  expect(health.checks.map(({ name }) => name)).toEqual(["database", "event loop", "engine", "backlog", "schedules"]);
  expect(health.database.sizeBytes).toBeGreaterThan(0);
  expect(health.database.location).toContain("millrace.sqlite");
  expect(health.database.schemaVersion).toMatch(/^\d{4}-/);
  expect(health.versions).toMatchObject({
    millrace: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    node: process.versions.node,
    sqlite: expect.stringMatching(/^3\./) as string,
  });
});

test("what waits is counted, and when something is due next", async () => {
  await bench.advance("0ms");
  await bench.engine.pause("letters");
  await bench.engine.publish("letters", "due", { messageId: "2", payload: { to: "Bert" } });
  const { nextRun } = await bench.engine.jobs.schedule({
    type: "cron",
    cron: "5 0 * * *",
    name: "n",
    handler: "write",
  });
  expect((await bench.call(showHealth)).queues).toEqual({
    pendingEvents: 1,
    openExecutions: 0,
    runningExecutions: 0,
    reconciling: 0,
    nextDueAt: nextRun,
  });
});

test("an engine that does not run makes the host degraded", async () => {
  await bench.engine.stop();
  const { status, checks } = await bench.call(showHealth);
  expect(status).toBe("degraded");
  expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["engine"]);
});

test("latencies are those of the requests so far", async () => {
  bench.statistics.record("listRuns", 200, 4);
  bench.statistics.record("listRuns", 200, 8);
  expect((await bench.call(showHealth)).latencies).toEqual([
    { operation: "listRuns", count: 2, p50: 4, p95: 8, max: 8 },
  ]);
});

test("somebody of another platform sees none of the queues here", async () => {
  await bench.engine.publish("letters", "due", { messageId: "2", payload: { to: "Bert" } });
  const { queues } = await bench.call(showHealth, {}, bench.stranger);
  expect(queues).toMatchObject({ pendingEvents: 0, openExecutions: 0, nextDueAt: null });
});
