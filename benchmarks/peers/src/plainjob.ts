/** plainjob on SQLite: trivial jobs, which it keeps when they are done. */
import { join } from "node:path";
import Database from "better-sqlite3";
import { better, defineQueue, defineWorker, JobStatus } from "plainjob";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { Countdown, rateOf } from "../../src/peers/timing.ts";

const { folder, units, synchronous, measure } = readOptions({
  units: z.number(),
  synchronous: z.enum(["NORMAL", "FULL"]),
  measure: z.enum(["jobs", "adding"]),
});
const nothing = () => undefined;
const logger = { error: console.error, warn: nothing, info: nothing, debug: nothing };
const connection = better(new Database(join(folder, "plainjob.sqlite")));
const queue = defineQueue({ connection, logger });
// It sets NORMAL itself, so its setting is changed after that.
connection.pragma(`synchronous = ${synchronous}`);

/** The clock stops at the last `onCompleted`, which follows the commit of the completion. */
async function measureJobs() {
  const warmUp = Math.ceil(units / 4);
  await work(warmUp);
  const perSecond = await work(units);
  assertDone(queue.countJobs({ status: JobStatus.Done }), warmUp + units, "jobs are done");
  return { units, perSecond };
}

async function work(jobs: number): Promise<number> {
  queue.addMany(
    "job",
    Array.from({ length: jobs }, () => ({})),
  );
  const completed = new Countdown(jobs);
  const worker = defineWorker("job", nothing, { queue, logger, onCompleted: () => completed.count() });
  const perSecond = await rateOf(jobs, () => {
    void worker.start();
    return completed.ended;
  });
  await worker.stop();
  return perSecond;
}

/** It adds synchronously, so there are no callers beside each other. */
async function measureAdding() {
  const warmUp = Math.ceil(units / 4);
  const add = async (jobs: number) => {
    for (let index = 0; index < jobs; index += 1) queue.add("job", {});
  };
  await add(warmUp);
  const perSecond = await rateOf(units, () => add(units));
  assertDone(queue.countJobs({ status: JobStatus.Pending }), warmUp + units, "jobs are pending");
  return { units, perSecond };
}

await report(await (measure === "jobs" ? measureJobs() : measureAdding()));
