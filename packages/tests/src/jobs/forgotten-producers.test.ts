/** The watchdog looks after producers as it does after jobs; one that is not to run is not forgotten. */
import { defineWorkflow } from "@millrace/agent";
import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { closeBenches, openBench, recorded, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

const polling = defineWorkflow({
  name: "polling",
  topics: { item: z.object({}) },
  producers: (producer) => ({
    poll: producer({ publishes: ["item"], schedule: { interval: "30d" }, async handler() {} }),
  }),
});

/** Makes a producer overdue behind the back of the engine, which believes it to be due in a month. */
async function forget({ database, clock }: Bench): Promise<void> {
  const dueAt = clock.now() - 1;
  await database.transaction(({ executor }) =>
    sql`update producer_schedules set next_run_at = ${dueAt}`.execute(executor),
  );
}

/** The watchdog sleeps as long as nothing is due. */
async function openAwake(): Promise<Bench> {
  const bench = await openBench([recorded("work")], { workflows: [polling] });
  await bench.jobs.scheduleRecurring({ name: "hourly", handler: "work", interval: "1h" });
  await bench.advance("1s");
  return bench;
}

const open = async ({ stores }: Bench) =>
  (await stores.notifications.listOpen()).map(({ kind, message }) => `${kind}: ${message}`);

test("a producer that is overdue and does not run is told of once", async () => {
  const bench = await openAwake();
  await forget(bench);
  await bench.advance("3h");
  expect(await open(bench)).toEqual([
    'dead_schedule: Producer "poll" was due at 2026-01-01T00:00:00.999Z and did not run.',
  ]);
  await bench.advance("1d");
  expect(await open(bench)).toHaveLength(1);
});

test("a producer of a workflow that is not to run is not forgotten", async () => {
  const bench = await openAwake();
  await bench.engine.pause("polling");
  await forget(bench);
  await bench.advance("3h");
  expect(await open(bench)).toEqual([]);
  await bench.engine.resume("polling");
  await forget(bench);
  await bench.advance("3h");
  expect(await open(bench)).toHaveLength(1);
});
