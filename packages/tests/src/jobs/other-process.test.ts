/** What another process decides about the jobs of an engine: it writes, and the engine is told to look. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Operations } from "@millrace/agent";
import { createTestEngine, FakeClock, type TestEngine } from "@millrace/agent/testing";
import { openDatabase, type SqliteDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
let clock: FakeClock;
let running: TestEngine;
let other: SqliteDatabase;
let operations: Operations;
let started: Promise<void>;
let stopped: Promise<unknown>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-jobs-"));
  const location = `sqlite:${join(folder, "millrace.sqlite")}`;
  clock = new FakeClock();
  let begin: () => void = () => undefined;
  let end: (reason: unknown) => void = () => undefined;
  started = new Promise((resolve) => (begin = resolve));
  stopped = new Promise((resolve) => (end = resolve));
  const work = { name: "work", handler: () => "done" };
  const wait = {
    name: "wait",
    handler: (_payload: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          end(signal.reason);
          reject(new Error("told to stop"));
        });
        begin();
      }),
  };
  running = await createTestEngine({ location, clock, jobHandlers: [work, wait] });
  other = await openDatabase(location, { create: false });
  operations = new Operations({ database: other, clock });
});

afterEach(async () => {
  await other.close();
  await running.close();
  rmSync(folder, { recursive: true });
});

describe("without the engine", () => {
  test("a job is scheduled that runs once the engine has looked", async () => {
    const { id } = await operations.jobs.scheduleOnce({ name: "now", handler: "work" });
    await running.engine.refresh();
    await running.runUntilIdle();
    const { items } = await operations.jobs.getJobHistory(id);
    expect(items).toMatchObject([{ status: "success", result: "done" }]);
  });

  test("a cancelled execution that runs is told at once", async () => {
    const { id } = await operations.jobs.scheduleOnce({ name: "long", handler: "wait" });
    await running.engine.refresh();
    await started;
    const { items } = await operations.jobs.getJobHistory(id);
    await operations.jobs.cancelExecution(items[0]!.id, { reason: "No longer needed." });
    await running.engine.refresh();
    expect(await stopped).toMatchObject({ name: "JobCancelledError" });
    await running.runUntilIdle();
    expect(await operations.jobs.getExecution(items[0]!.id)).toMatchObject({
      execution: { status: "cancelled", reason: "No longer needed." },
    });
  });

  test("an execution of a deleted job is told to stop", async () => {
    const { id } = await operations.jobs.scheduleOnce({ name: "long", handler: "wait" });
    await running.engine.refresh();
    await started;
    await operations.jobs.unschedule(id);
    await running.engine.refresh();
    expect(await stopped).toMatchObject({ name: "ClaimLostError" });
  });

  test("every handler is taken, and one that the engine lacks makes the job wait", async () => {
    const { id } = await operations.jobs.scheduleOnce({ name: "odd", handler: "unheard-of" });
    await running.engine.refresh();
    await running.runUntilIdle();
    expect((await operations.jobs.getJobHistory(id)).items).toMatchObject([{ status: "pending" }]);
    expect(await operations.needsAttention()).toMatchObject([{ notification: { kind: "missing_handler" } }]);
  });

  test("no function can handle an event", async () => {
    await expect(operations.jobs.onEvent("paid", () => undefined)).rejects.toThrow("Only a running engine");
  });

  test("another platform has jobs of its own", async () => {
    const acme = await operations.jobsOf("acme");
    const { id } = await acme.scheduleOnce({ name: "theirs", handler: "work" });
    await expect(operations.jobs.getJob(id)).rejects.toThrow("There is no job");
    await running.engine.refresh();
    await running.runUntilIdle();
    expect((await (await running.engine.jobsOf("acme")).getJobHistory(id)).items).toMatchObject([
      { status: "success" },
    ]);
  });
});

describe("a job is found", () => {
  test("by its key, its name or the end of its id", async () => {
    const { id } = await operations.jobs.schedule({
      type: "event",
      event: "e",
      name: "Ship it",
      key: "ship",
      handler: "work",
    });
    for (const name of ["ship", "Ship it", id, id.slice(-8)]) expect((await operations.findJob(name)).id).toBe(id);
    await expect(operations.findJob("Ship")).rejects.toThrow('There is no job "Ship"');
  });

  test("only where its name is that of one", async () => {
    for (let n = 0; n < 2; n += 1)
      await operations.jobs.schedule({ type: "event", event: "e", name: "twin", handler: "work" });
    await expect(operations.findJob("twin")).rejects.toThrow("More than one job");
  });
});
