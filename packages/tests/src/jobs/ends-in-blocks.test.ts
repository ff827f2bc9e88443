/** Executions that end at the same time are written together; none of them depends on another. */
import { afterEach, expect, test } from "vitest";
import { closeBenches, held, openBench, type Bench, type Recorded } from "../support/job-bench.ts";

afterEach(closeBenches);

/** Jobs that run, with what is committed from then on. */
async function running(count: number, maxConcurrent = 100) {
  const commits: string[][] = [];
  const beforeCommit = (names: readonly string[]) => {
    commits.push([...names]);
    return "continue" as const;
  };
  const work = held("work", { maxConcurrent });
  const bench = await openBench([work], { hooks: { beforeCommit } });
  const add = (index: number) => bench.jobs.scheduleOnce({ name: `job ${index}`, handler: "work", maxRetries: 0 });
  const jobs = await Promise.all(Array.from({ length: count }, (_, index) => add(index)));
  await bench.settle();
  commits.length = 0;
  return { bench, work, jobs, commits };
}

const statusesOf = async (bench: Bench, jobs: readonly { id: string }[]) =>
  (await Promise.all(jobs.map(({ id }) => bench.statuses(id)))).flat();

const succeed = ({ calls }: Recorded, result?: (index: number) => unknown) => {
  for (const [index, call] of calls.entries()) call.succeed(result?.(index));
};

test("ends that come at once are one transaction", async () => {
  const { bench, work, jobs, commits } = await running(20);
  succeed(work);
  await bench.settle();
  expect(await statusesOf(bench, jobs)).toEqual(jobs.map(() => "success"));
  expect(commits.flat().filter((name) => name === "execution.recordOutcome")).toHaveLength(1);
});

test("what takes the place of those that have ended is claimed by the commit of their ends", async () => {
  const { bench, work, jobs, commits } = await running(30, 10);
  expect(work.calls).toHaveLength(10);
  succeed(work);
  await bench.settle();
  expect(work.calls).toHaveLength(20);
  expect(commits[0]).toEqual(["execution.recordOutcome", "job.look"]);
  succeed(work);
  await bench.settle();
  succeed(work);
  await bench.settle();
  expect(await statusesOf(bench, jobs)).toEqual(jobs.map(() => "success"));
});

test("an end that cannot be recorded hinders no other, and is taken up when its lease has expired", async () => {
  const { bench, work, jobs } = await running(3);
  // More than a row may hold, and less than the policy lets a result be.
  const { limits } = bench.database;
  limits.payloadBytes = 1_000;
  succeed(work, (index) => (index === 1 ? "x".repeat(2_000) : index));
  await bench.settle();
  expect(await statusesOf(bench, jobs)).toEqual(["success", "running", "success"]);
  await bench.advance("1m");
  expect(await statusesOf(bench, jobs)).toEqual(["success", "failed", "success"]);
});

test("one whose claim is lost changes nothing, and the others of its block are recorded", async () => {
  const { bench, work, jobs } = await running(3);
  const [first] = await bench.history(jobs[0]!.id);
  const { id } = first!;
  const now = bench.clock.now();
  await bench.stores.jobExecutions.change({ id, status: "running" }, { status: "pending", leaseExpiresAt: null }, now);
  const claim = { id, workerId: "a thief", leaseExpiresAt: now + 1_000_000, now };
  const stolen = await bench.stores.jobExecutions.claim(claim);
  succeed(work, () => "late");
  await bench.settle();
  expect(await bench.stores.jobExecutions.get(id)).toEqual(stolen);
  expect(await statusesOf(bench, jobs)).toEqual(["running", "success", "success"]);
});

test("a failure is recorded beside successes, with what follows for its job", async () => {
  const { bench, work, jobs } = await running(2);
  work.calls[0]?.fail(new Error("no"));
  work.calls[1]?.succeed();
  await bench.settle();
  expect(await statusesOf(bench, jobs)).toEqual(["failed", "success"]);
  const [failed, completed] = await Promise.all(jobs.map(({ id }) => bench.jobs.getJob(id)));
  expect(failed).toMatchObject({ status: "failed", failureCount: 1 });
  expect(completed).toMatchObject({ status: "completed", successCount: 1 });
});

test("an edit while it runs is kept by its end", async () => {
  const { bench, work, jobs } = await running(1);
  const { id } = jobs[0]!;
  const told: unknown[] = [];
  bench.engine.on("job:changed", (job) => told.push([job.name, job.version, job.executionCount]));
  await bench.jobs.reschedule(id, { name: "renamed" });
  succeed(work);
  await bench.settle();
  expect(await bench.jobs.getJob(id)).toMatchObject({ name: "renamed", version: 2, executionCount: 1 });
  expect(told.at(-1)).toEqual(["renamed", 2, 1]);
});
