import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, held, openBench, recorded, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

const recurring = { handler: "work", interval: "1m" } as const;

async function corrupt({ database }: Bench, table: "scheduled_jobs" | "job_executions", id: string): Promise<void> {
  await database.transaction(({ executor }) =>
    sql`update ${sql.table(table)} set payload = '{ not json' where id = ${id}`.execute(executor),
  );
}

async function twoJobs(handler = recorded("work")) {
  const bench = await openBench([handler]);
  const broken = await bench.jobs.scheduleRecurring({ ...recurring, name: "broken", payload: { a: 1 } });
  const sound = await bench.jobs.scheduleRecurring({ ...recurring, name: "sound" });
  await bench.settle();
  return { bench, handler, broken, sound };
}

const namesOf = ({ calls }: ReturnType<typeof recorded>) => calls.map(({ context }) => context.jobName);

/** The status of a job that cannot be read. */
async function statusOf({ database }: Bench, id: string): Promise<string | undefined> {
  const result = await database.read((executor) =>
    sql<{ status: string }>`select status from scheduled_jobs where id = ${id}`.execute(executor),
  );
  return result.rows[0]?.status;
}

describe("a job whose row cannot be read", () => {
  test("is set aside when it is due, with one notification, and hinders no other", async () => {
    const { bench, handler, broken, sound } = await twoJobs();
    await corrupt(bench, "scheduled_jobs", broken.id);
    await bench.advance("3m");
    expect(namesOf(handler).filter((name) => name === "sound")).toHaveLength(4);
    expect(namesOf(handler).filter((name) => name === "broken")).toHaveLength(1);
    expect(await statusOf(bench, broken.id)).toBe("paused");
    expect(await bench.notices(broken.id)).toEqual([expect.stringMatching(/^dead_schedule: .*cannot be read/)]);
    expect(await bench.notices(sound.id)).toEqual([]);
  });

  test("undoes nothing of the jobs that were fired before it in the same look", async () => {
    const { bench, handler, broken: first, sound: last } = await twoJobs();
    await corrupt(bench, "scheduled_jobs", last.id);
    await bench.advance("3m");
    expect(namesOf(handler).filter((name) => name === first.name)).toHaveLength(4);
    expect(namesOf(handler).filter((name) => name === last.name)).toHaveLength(1);
    expect(await statusOf(bench, last.id)).toBe("paused");
    expect(await bench.notices(first.id)).toEqual([]);
  });

  test("is set aside when one of its executions is ready", async () => {
    const work = held("work", { maxConcurrent: 1 });
    const bench = await openBench([work]);
    await bench.jobs.scheduleOnce({ name: "first", handler: "work" });
    await bench.settle();
    const broken = await bench.jobs.scheduleOnce({ name: "broken", handler: "work" });
    await bench.jobs.scheduleOnce({ name: "sound", handler: "work" });
    await bench.settle();
    await corrupt(bench, "scheduled_jobs", broken.id);
    work.calls[0]?.succeed();
    await bench.settle();
    expect(namesOf(work)).toEqual(["first", "sound"]);
    expect(await statusOf(bench, broken.id)).toBe("paused");
    expect(await bench.notices(broken.id)).toHaveLength(1);
  });

  test("is set aside at the start when it was running, and is not looked at for ever", async () => {
    const { bench, broken } = await twoJobs(held("work"));
    await corrupt(bench, "scheduled_jobs", broken.id);
    const work = recorded("work");
    const next = await openBench([work], { image: bench.drop(), clock: bench.clock });
    await next.advance("5m");
    expect(namesOf(work)).not.toContain("broken");
    expect(namesOf(work)).toContain("sound");
    expect(await statusOf(next, broken.id)).toBe("paused");
    expect(await next.notices(broken.id)).toHaveLength(1);
    expect(await next.stores.jobExecutions.earliestForeignLease("nobody")).toBeNull();
  });
});

describe("an execution whose row cannot be read", () => {
  test("has failed when it is its turn, its job goes on, and a person is told", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleRecurring({ ...recurring, name: "work", interval: "1h" });
    await bench.settle();
    const { id: executionId } = await bench.jobs.runJobNow(id, { payload: { a: 1 } });
    await bench.settle();
    await bench.jobs.pauseJob(id);
    const waiting = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "work" });
    await bench.jobs.pauseJob(waiting.id);
    const [event] = await bench.jobs.triggerEvent("e", { a: 1 });
    await corrupt(bench, "job_executions", event!.id);
    await bench.jobs.triggerEvent("e", { a: 2 });
    await bench.jobs.resumeJob(waiting.id);
    await bench.settle();
    expect(work.calls.map(({ payload }) => payload)).toEqual([null, { a: 1 }, { a: 2 }]);
    expect(await bench.notices(waiting.id)).toEqual([expect.stringContaining("dead_schedule")]);
    expect((await bench.jobs.getExecution(executionId)).execution.status).toBe("success");
  });

  test("does not keep the next engine from starting when it was running", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "work" });
    const [broken] = await bench.jobs.triggerEvent("e", { a: 1 });
    await bench.jobs.triggerEvent("e", { a: 2 });
    await bench.settle();
    await corrupt(bench, "job_executions", broken!.id);
    const after = recorded("work");
    const next = await openBench([after], { image: bench.drop(), clock: bench.clock });
    await next.settle();
    expect(after.calls.map(({ payload }) => payload)).toEqual([{ a: 2 }]);
    expect(await next.notices(id)).toHaveLength(1);
    await next.advance("2m");
    expect(await next.stores.jobExecutions.earliestForeignLease("nobody")).toBeNull();
  });

  test("of a one-time job does not leave the job open", async () => {
    const work = held("work", { maxConcurrent: 1 });
    const bench = await openBench([work]);
    await bench.jobs.scheduleOnce({ name: "first", handler: "work" });
    await bench.settle();
    const { id } = await bench.jobs.scheduleOnce({ name: "broken", handler: "work" });
    await bench.settle();
    await corrupt(bench, "job_executions", (await bench.history(id))[0]!.id);
    work.calls[0]?.succeed();
    await bench.settle();
    expect((await bench.jobs.getJob(id)).status).toBe("failed");
  });
});
