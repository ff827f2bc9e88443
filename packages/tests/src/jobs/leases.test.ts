import { ClaimLostError } from "@millrace/agent";
import type { JobExecutionId } from "@millrace/db";
import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import { closeBenches, held, openBench, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

const once = { name: "once", handler: "work" } as const;

async function running() {
  const work = held("work");
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleOnce({ ...once, timeout: "1h" });
  await bench.settle();
  const [execution] = await bench.history(id);
  return { work, bench, id, executionId: execution!.id };
}

/** Gives an execution to somebody else, as if its lease had expired meanwhile. */
async function steal({ database, stores, clock }: Bench, id: JobExecutionId): Promise<void> {
  await database.transaction(async (tx) => {
    const now = clock.now();
    await stores.jobExecutions.change({ id, status: "running" }, { status: "pending", leaseExpiresAt: null }, now, tx);
    const claim = { id, workerId: "a thief", leaseExpiresAt: now + 1_000_000, now };
    if (!(await stores.jobExecutions.claim(claim, tx))) throw new Error("It could not be stolen.");
  });
}

test("a claim is renewed at a third of its lease for as long as the handler runs, and no later", async () => {
  const { bench, work, executionId } = await running();
  const leaseEnd = async () => (await bench.stores.jobExecutions.get(executionId)).leaseExpiresAt! - bench.clock.now();
  expect(await leaseEnd()).toBe(30_000);
  await bench.advance("9999ms");
  expect(await leaseEnd()).toBe(20_001);
  await bench.advance("1ms");
  expect(await leaseEnd()).toBe(30_000);
  await bench.advance("50s");
  expect(await leaseEnd()).toBe(30_000);
  work.calls[0]?.succeed();
  await bench.settle();
  expect((await bench.stores.jobExecutions.get(executionId)).leaseExpiresAt).toBeNull();
  const { commits } = await countCommits(bench, "5m");
  expect(commits).toBe(0);
});

/** Changes of the database while nothing is to be done. */
async function countCommits(bench: Bench, duration: string): Promise<{ commits: number }> {
  const changes = () =>
    bench.database.read((executor) => sql<{ n: number }>`select total_changes() as n`.execute(executor));
  const before = (await changes()).rows[0]!.n;
  await bench.advance(duration);
  return { commits: (await changes()).rows[0]!.n - before };
}

test("a handler whose claim is lost hears of it at the next heartbeat, and its late end changes nothing", async () => {
  const { bench, work, executionId } = await running();
  await steal(bench, executionId);
  expect(work.calls[0]?.context.signal.aborted).toBe(false);
  await bench.advance("10s");
  expect(work.calls[0]?.context.signal.reason).toBeInstanceOf(ClaimLostError);
  const before = await bench.stores.jobExecutions.get(executionId);
  work.calls[0]?.succeed("too late");
  await bench.settle();
  expect(await bench.stores.jobExecutions.get(executionId)).toEqual(before);
  expect(before).toMatchObject({ status: "running", workerId: "a thief", leaseToken: 2, result: null });
});

test.each([
  ["success", (call: { succeed(value: string): void }) => call.succeed("too late")],
  ["failure", (call: { fail(error: Error): void }) => call.fail(new Error("too late"))],
] as const)("a %s that comes before the loss is noticed changes nothing either", async (_name, end) => {
  const { bench, id, work, executionId } = await running();
  await steal(bench, executionId);
  end(work.calls[0]!);
  await bench.settle();
  expect(await bench.stores.jobExecutions.get(executionId)).toMatchObject({
    status: "running",
    workerId: "a thief",
    retryCount: 0,
    result: null,
    error: null,
  });
  expect(await bench.jobs.getJob(id)).toMatchObject({ executionCount: 0, failureCount: 0 });
  // Its place is free again.
  const next = await bench.jobs.scheduleOnce({ ...once, name: "next" });
  await bench.settle();
  expect(await bench.statuses(next.id)).toEqual(["running"]);
});

test("log lines of a long attempt are there before it ends", async () => {
  const { bench, work, executionId } = await running();
  work.calls[0]?.context.log.info("half way", { done: 50 });
  await bench.advance("10s");
  expect(await bench.jobs.getExecutionLogs(executionId)).toMatchObject([
    {
      level: "info",
      message: "half way",
      data: { done: 50 },
      attempt: 1,
      timestamp: Date.parse("2026-01-01T00:00:00Z"),
    },
  ]);
});

test("a cancellation that another process has noted reaches the handler at the next heartbeat", async () => {
  const { bench, work, executionId } = await running();
  const patch = { cancelRequestedAt: bench.clock.now(), reason: "on the command line" };
  await bench.stores.jobExecutions.change({ id: executionId, status: "running" }, patch, bench.clock.now());
  await bench.advance("10s");
  expect(work.calls[0]?.context.signal.aborted).toBe(true);
});
