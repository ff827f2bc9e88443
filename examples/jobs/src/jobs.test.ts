import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "@millrace/agent";
import { createTestEngine, FakeClock, type TestEngine } from "@millrace/agent/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { handlersFor, placesIn, scheduleJobs, type JobName, type Places } from "./jobs.ts";
import { PAYMENTS } from "./receipts.ts";
import { describeJobs } from "./report.ts";
import { untilDone } from "./until-done.ts";

let folder: string;
let places: Places;
let clock: FakeClock;
let running: TestEngine;
let jobs: Record<JobName, Job>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "example-jobs-"));
  places = placesIn(folder);
  // A second before the next tick of the backup.
  clock = new FakeClock("2026-01-01T00:00:01Z");
  await start();
});

afterEach(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<void> {
  running = await createTestEngine({
    clock,
    location: `sqlite:${places.database}`,
    jobHandlers: handlersFor(places),
  });
  jobs = await scheduleJobs(running.engine.jobs, places);
  await running.runUntilIdle();
}

/** Second by second, each until what is due in it is done. */
async function passSeconds(count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    await running.advance("1s");
    await running.runUntilIdle();
  }
}

async function deliverPayments(): Promise<number> {
  let executions = 0;
  for (const { eventId, payload } of PAYMENTS)
    executions += (await running.engine.jobs.triggerEvent("invoice.paid", payload, { eventId })).length;
  await running.runUntilIdle();
  return executions;
}

function sampleLines(): string[] {
  return readFileSync(places.samples, "utf8").trimEnd().split("\n").slice(1);
}

test("five samples are taken, a second apart, and then the job is over", async () => {
  await passSeconds(8);
  expect(sampleLines().map((line) => line.split(",")[0])).toEqual(
    [1, 2, 3, 4, 5].map((second) => `2026-01-01T00:00:0${second}.000Z`),
  );
  expect(await running.engine.jobs.getJob(jobs.samples.id)).toMatchObject({ status: "completed", runCount: 5 });
});

test("an event that is delivered twice makes one receipt", async () => {
  expect(await deliverPayments()).toBe(3);
  expect(readdirSync(places.receipts).toSorted()).toEqual(["AB-0077.txt", "CW-1002.txt", "NL-0341.txt"]);
  expect(readFileSync(join(places.receipts, "NL-0341.txt"), "utf8")).toBe(
    "Receipt for invoice NL-0341\nNordlicht\n1234.56 EUR, paid on 2026-01-01\n",
  );
});

test("an event that is no payment is not tried again, and writes no file", async () => {
  const invoice = "../outside";
  await running.engine.jobs.triggerEvent("invoice.paid", { ...PAYMENTS[0]!.payload, invoice });
  await running.runUntilIdle();
  const { items } = await running.engine.jobs.listDeadLetters();
  expect(items).toMatchObject([{ attempt: 1, status: "failed", errorType: "NonRetryableError" }]);
  expect(existsSync(places.receipts)).toBe(false);
});

test("the restore drill finds all jobs in the newest backup", async () => {
  await passSeconds(2);
  const { items } = await running.engine.jobs.getJobHistory(jobs.restoreDrill.id);
  expect(items).toMatchObject([
    {
      status: "success",
      result: {
        file: "2026-01-01T00-00-02.000Z.sqlite",
        jobs: ["backup", "receipts", "restore drill", "samples"],
      },
    },
  ]);
});

test("the restore drill waits for a backup, and that is no failure", async () => {
  await running.engine.jobs.pauseJob(jobs.backup.id);
  await passSeconds(3);
  const [waiting] = (await running.engine.jobs.getJobHistory(jobs.restoreDrill.id)).items;
  expect(waiting).toMatchObject({ status: "pending", retryCount: 0, reason: "There is no backup yet." });
  await running.engine.jobs.resumeJob(jobs.backup.id);
  await passSeconds(3);
  expect((await running.engine.jobs.getExecution(waiting!.id)).execution.status).toBe("success");
});

test("a second start finds the jobs, goes on with the samples, and does nothing twice", async () => {
  await deliverPayments();
  await passSeconds(2);
  await running.close();
  await start();
  expect(await deliverPayments()).toBe(0);
  await passSeconds(6);
  expect((await running.engine.jobs.listJobs()).items).toHaveLength(4);
  expect(sampleLines()).toHaveLength(5);
  expect((await running.engine.jobs.getJobHistory(jobs.restoreDrill.id)).items).toHaveLength(1);
});

test("a night without the engine is made up for by one backup", async () => {
  await passSeconds(1);
  await running.close();
  clock.jumpTo(clock.now() + 8 * 60 * 60_000);
  await start();
  const { items } = await running.engine.jobs.getJobHistory(jobs.backup.id);
  expect(items.map(({ status }) => status)).toEqual(["success", "success"]);
  expect(items[0]!.missedCount).toBeGreaterThan(900);
});

test("the end is reached when the bounded work is over and a backup is there, and the report says what happened", async () => {
  await deliverPayments();
  const end = untilDone(running.engine, jobs);
  await passSeconds(5);
  await end;
  const report = await describeJobs(running.engine.jobs);
  expect(report).toMatch(/^backup +cron +Every 2 seconds \(Europe\/Berlin\) +active +\d +100 % /m);
  expect(report).toMatch(/^samples +recurring +every second, 5 times +completed +5 +100 % /m);
  expect(report).toMatch(/^receipts +event +whenever "invoice.paid" happens +active +3 +100 % /m);
  expect(report).toContain('{"file":"NL-0341.txt"}');
  expect(report).toMatch(/^ {2}2026-01-01T00:00:05.000Z +success +1 /m);
});
