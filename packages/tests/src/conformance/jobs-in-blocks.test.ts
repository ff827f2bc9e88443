/** Jobs that are read, and executions that are taken, many at once. */
import type { JobId } from "@millrace/db";
import { sql } from "kysely";
import { expect } from "vitest";
import { createExecution, createJob } from "../support/job-rows.ts";
import { describeStore } from "../support/store-behaviours.ts";

// An id that no row has.
const NOPE = "nope" as JobId;

describeStore("A block", {
  "of jobs has those that there are, and names what cannot be read": async (world) => {
    const { stores, database, tx } = world;
    const [sound, broken] = [await createJob(world), await createJob(world)];
    const breaks = sql`update scheduled_jobs set payload = '{"a":' where id = ${broken.id}`;
    await database.transaction(({ executor }) => breaks.execute(executor), tx);
    const found = await stores.jobs.findEach([broken.id, NOPE, sound.id, sound.id], tx);
    expect(found.read).toEqual([sound]);
    expect(found.broken).toMatchObject([{ table: "scheduled_jobs", id: broken.id, column: "payload" }]);
    expect(await stores.jobs.findEach([], tx)).toEqual({ read: [], broken: [] });
  },
  "of claims takes what is ready, also what cannot be read": async (world) => {
    const { stores, database, tx } = world;
    const job = await createJob(world);
    const at = (scheduledAt: number) => createExecution(world, job, { scheduledAt });
    const [first, second, waits, broken] = [await at(1), await at(2), await at(3), await at(4)];
    await stores.jobExecutions.park(waits.id, "limit x", 5, tx);
    const breaks = sql`update job_executions set payload = '[1,' where id = ${broken.id}`;
    await database.transaction(({ executor }) => breaks.execute(executor), tx);
    const ids = [first, second, waits, broken].map(({ id }) => id);
    const given = { workerId: "w", leaseExpiresAt: 1_000, now: 10 };
    const taken = await stores.jobExecutions.claimEach(ids, given, tx);
    expect(new Set(taken.read.map(({ id }) => id))).toEqual(new Set([first.id, second.id]));
    expect(taken.read).toContainEqual(await stores.jobExecutions.get(first.id, tx));
    expect(taken.broken).toMatchObject([{ table: "job_executions", id: broken.id, column: "payload" }]);
    // All that were ready are taken: none of them is taken again.
    expect(await stores.jobExecutions.claimEach(ids, given, tx)).toEqual({ read: [], broken: [] });
    expect(await stores.jobExecutions.claimEach([], given, tx)).toEqual({ read: [], broken: [] });
  },
});
