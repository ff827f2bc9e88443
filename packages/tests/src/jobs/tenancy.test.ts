import { UnknownNameError, type ScheduledJobInput } from "@millrace/agent";
import { afterEach, expect, test } from "vitest";
import { closeBenches, openBench, recorded } from "../support/job-bench.ts";

afterEach(closeBenches);

const job = {
  type: "recurring",
  key: "report",
  name: "report",
  handler: "work",
  interval: "1h",
  tags: ["daily"],
} satisfies ScheduledJobInput;

test("what belongs to another tenant does not exist, whatever is asked of it", async () => {
  const work = recorded("work", () => {
    throw new Error("no");
  });
  const bench = await openBench([work]);
  const [mine, theirs] = [bench.jobs, await bench.engine.jobsOf("theirs")];
  const { id } = await theirs.schedule({ ...job, maxRetries: 0 });
  await bench.settle();
  const [execution] = (await theirs.getJobHistory(id)).items;
  expect(execution?.status).toBe("failed");
  const range = { from: "2026-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z" };
  const questions: (() => Promise<unknown>)[] = [
    () => mine.getJob(id),
    () => mine.getJobHistory(id),
    () => mine.getJobStats(id),
    () => mine.listVersions(id),
    () => mine.listDecisions(id),
    () => mine.listDeadLetters({ jobId: id }),
    () => mine.pauseJob(id),
    () => mine.resumeJob(id),
    () => mine.cancelJob(id),
    () => mine.unschedule(id),
    () => mine.runJobNow(id),
    () => mine.skipNextRun(id),
    () => mine.backfill(id, range),
    () => mine.reschedule(id, { interval: "2h" }),
    () => mine.schedule({ ...job, id }),
    () => mine.setEventHandlerEnabled(id, true),
    () => mine.getExecution(execution!.id),
    () => mine.getExecutionLogs(execution!.id),
    () => mine.cancelExecution(execution!.id),
    () => mine.retryExecution(execution!.id),
    () => mine.redrive([execution!.id]),
  ];
  for (const [index, ask] of questions.entries()) {
    const answer = await ask().catch((error: unknown) => error);
    expect([index, answer instanceof UnknownNameError]).toEqual([index, true]);
  }
  expect((await mine.listJobs()).items).toEqual([]);
  expect((await mine.listJobs({ tags: ["daily"] })).items).toEqual([]);
  expect((await mine.listDeadLetters()).items).toEqual([]);
  expect((await mine.getMetrics()).jobs.active).toBe(0);
  expect(await theirs.getJob(id)).toMatchObject({ status: "active", version: 1 });
  expect((await theirs.listDeadLetters()).items).toHaveLength(1);
});

test("keys and events are each tenant's own; all of them run on one engine", async () => {
  const work = recorded("work");
  const bench = await openBench([work]);
  const [mine, theirs] = [bench.jobs, await bench.engine.jobsOf("theirs")];
  const [a, b] = [await mine.schedule(job), await theirs.schedule(job)];
  expect(a.id).not.toBe(b.id);
  await mine.schedule({ type: "event", name: "e", event: "paid", handler: "work" });
  const other = await theirs.schedule({ type: "event", name: "e", event: "paid", handler: "work" });
  expect(await mine.triggerEvent("paid", "mine")).toHaveLength(1);
  await bench.settle();
  expect(work.calls.map(({ payload }) => payload)).toEqual([null, null, "mine"]);
  expect((await theirs.getJobHistory(other.id)).items).toEqual([]);
  expect(await bench.engine.jobsOf("theirs")).toBe(theirs);
});
