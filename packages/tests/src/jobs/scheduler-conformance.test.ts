/** The engine's scheduler, on a clock that stands still, behaves as the port says. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attachTestEngine, createTestEngine, FakeClock, openTestDatabase } from "@millrace/agent/testing";
import { expect, test } from "vitest";
import { describeScheduler, type OpenBench } from "./scheduler-conformance.ts";

const openOn =
  (location: string): OpenBench =>
  async (jobHandlers) => {
    const { engine, clock, ...bench } = await createTestEngine({ location, jobHandlers });
    return {
      scheduler: engine.jobs,
      otherTenant: await engine.jobsOf("acme"),
      now: () => clock.now(),
      advance: bench.advance,
      idle: bench.runUntilIdle,
      close: bench.close,
    };
  };

const onFile: OpenBench = async (handlers) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-jobs-"));
  const bench = await openOn(`sqlite:${join(folder, "jobs.sqlite")}`)(handlers);
  return {
    ...bench,
    async close() {
      await bench.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

describeScheduler("JobScheduler in memory", openOn("sqlite::memory:"));
describeScheduler("JobScheduler on a file", onFile);

test("work that an earlier engine left for an event's function begins when the function is there again", async () => {
  const clock = new FakeClock();
  const database = await openTestDatabase(clock);
  const heard: unknown[] = [];
  const first = attachTestEngine(database, clock, {});
  await first.engine.start();
  const job = await first.engine.jobs.onEvent("paid", () => heard.push("too early"));
  await first.engine.jobs.pauseJob(job.id);
  await first.engine.jobs.triggerEvent("paid", "kept");
  await first.engine.stop();
  const second = attachTestEngine(database, clock, {});
  await second.engine.start();
  await second.engine.jobs.resumeJob(job.id);
  await second.runUntilIdle();
  expect(heard).toEqual([]);
  const again = await second.engine.jobs.onEvent("paid", (payload) => heard.push(payload));
  expect(again).toMatchObject({ id: job.id, version: 1 });
  await second.runUntilIdle();
  expect(heard).toEqual(["kept"]);
  await second.close();
});
