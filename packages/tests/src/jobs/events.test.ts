import { afterEach, expect, test } from "vitest";
import { closeBenches, openBench, recorded, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

test("each handler of an event has an execution of its own, so that a failing one does not touch the others", async () => {
  const bench = await openBench([]);
  const seen: unknown[] = [];
  const good = await bench.jobs.onEvent("paid", (payload) => seen.push(payload), { name: "good" });
  const bad = await bench.jobs.onEvent("paid", () => Promise.reject(new Error("no")), { name: "bad", maxRetries: 1 });
  const executions = await bench.jobs.triggerEvent("paid", { n: 1 });
  expect(executions.map(({ jobId, status, origin }) => [jobId, status, origin])).toEqual([
    [good.id, "pending", "event"],
    [bad.id, "pending", "event"],
  ]);
  await bench.advance("5m");
  expect(seen).toEqual([{ n: 1 }]);
  expect([await bench.statuses(good.id), await bench.statuses(bad.id)]).toEqual([["success"], ["failed"]]);
  expect((await bench.jobs.getJob(bad.id)).status).toBe("active");
});

test("an event that is known by its id makes nothing twice; another id, or none, does", async () => {
  const bench = await openBench([recorded("work")]);
  const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "paid", handler: "work" });
  expect(await bench.jobs.triggerEvent("paid", 1, { eventId: "a" })).toHaveLength(1);
  expect(await bench.jobs.triggerEvent("paid", 1, { eventId: "a" })).toHaveLength(0);
  await bench.settle();
  expect(await bench.jobs.triggerEvent("paid", 1, { eventId: "a" })).toHaveLength(0);
  await bench.jobs.triggerEvent("paid", 1, { eventId: "b" });
  await bench.jobs.triggerEvent("paid", 1);
  await bench.jobs.triggerEvent("paid", 1);
  await bench.settle();
  expect(await bench.statuses(id)).toEqual(["success", "success", "success", "success"]);
});

test("an event that nobody waits for makes nothing", async () => {
  const bench = await openBench([]);
  expect(await bench.jobs.triggerEvent("nobody", {})).toEqual([]);
});

test("what was triggered is on disk: it is done after a crash", async () => {
  const bench = await openBench([recorded("work")], { start: false });
  const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "paid", handler: "work" });
  await bench.jobs.triggerEvent("paid", { n: 1 });
  const work = recorded("work");
  const next = await openBench([work], { image: bench.drop(), clock: bench.clock });
  await next.settle();
  expect([work.calls.map(({ payload }) => payload), await next.statuses(id)]).toEqual([[{ n: 1 }], ["success"]]);
});

const onPaid = async (bench: Bench, seen: unknown[]) => bench.jobs.onEvent("paid", (payload) => seen.push(payload));

test("a function that handles an event is known by its name after a restart", async () => {
  const seen: unknown[] = [];
  const bench = await openBench([]);
  const { id } = await onPaid(bench, seen);
  const next = await openBench([], { image: await bench.stop(), clock: bench.clock });
  await next.jobs.triggerEvent("paid", 1);
  await next.settle();
  expect([seen, await next.statuses(id)]).toEqual([[], ["pending"]]);
  expect((await onPaid(next, seen)).id).toBe(id);
  await next.settle();
  expect([seen, await next.statuses(id)]).toEqual([[1], ["success"]]);
});

test("a handler that is switched off makes no executions until it is switched on; a paused one keeps them", async () => {
  const seen: unknown[] = [];
  const bench = await openBench([]);
  const { id } = await onPaid(bench, seen);
  await bench.jobs.setEventHandlerEnabled(id, false);
  expect((await bench.jobs.listEventHandlers()).map(({ eventName, enabled }) => [eventName, enabled])).toEqual([
    ["paid", false],
  ]);
  expect(await bench.jobs.triggerEvent("paid", 1)).toEqual([]);
  await bench.jobs.setEventHandlerEnabled(id, true);
  await bench.jobs.pauseJob(id);
  await bench.jobs.triggerEvent("paid", 2);
  await bench.settle();
  expect(seen).toEqual([]);
  await bench.jobs.resumeJob(id);
  await bench.settle();
  expect(seen).toEqual([2]);
});
