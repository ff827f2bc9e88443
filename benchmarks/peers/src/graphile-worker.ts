/** graphile-worker on PostgreSQL: trivial jobs, which it deletes when they are completed: it keeps no history. */
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { Pool } from "pg";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { byCallers, Countdown, pause, probeIdle, rateOf, spreadOf } from "../../src/peers/timing.ts";
import { countRows } from "./postgres.ts";

const { address, units, concurrency, localQueue, callers, measure } = readOptions({
  units: z.number(),
  concurrency: z.number().default(24),
  /** Jobs that it leases at once; 0 for none, then each job is fetched and completed by itself. */
  localQueue: z.number().default(0),
  callers: z.number().default(1),
  measure: z.enum(["jobs", "adding", "latency"]),
});
process.env["NO_LOG_SUCCESS"] = "1";
const logger = new Logger(() => () => undefined);
const JOBS = "graphile_worker._private_jobs";
const CONNECTIONS = 20;
/** Jobs of one `addJobs`. */
const BULK = 1_000;

const batching =
  localQueue > 0 ? { localQueue: { size: localQueue }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {};
const preset = {
  worker: { connectionString: address, concurrentJobs: concurrency, maxPoolSize: concurrency + 1, ...batching },
};

const pgPool = new Pool({ connectionString: address, max: CONNECTIONS });
const utils = await makeWorkerUtils({ pgPool, logger });
await utils.migrate();

/**
 * No event says that a completion is on disk (`job:complete` comes before a batch of them is written), so the clock
 * stops when the last row of the table is gone.
 */
async function measureJobs() {
  await work(Math.ceil(units / 4));
  return { units, perSecond: await work(units) };
}

async function work(jobs: number): Promise<number> {
  for (let from = 0; from < jobs; from += BULK)
    await utils.addJobs(
      Array.from({ length: Math.min(BULK, jobs - from) }, () => ({ identifier: "job", payload: {} })),
    );
  assertDone(await countRows(address, JOBS), jobs, "jobs are waiting");
  let ran = 0;
  const called = new Countdown(jobs);
  const task = () => {
    ran += 1;
    called.count();
  };
  const start = performance.now();
  const runner = await run({ preset, logger, noHandleSignals: true, taskList: { job: task } });
  await called.ended;
  while ((await countRows(address, JOBS)) > 0) await pause(2);
  const perSecond = (jobs * 1_000) / (performance.now() - start);
  await runner.stop();
  assertDone(ran, jobs, "jobs ran");
  return perSecond;
}

async function measureAdding() {
  const add = () => utils.addJob("job", {});
  const warmUp = Math.ceil(units / 4);
  await byCallers(callers, warmUp, add);
  const perSecond = await rateOf(units, () => byCallers(callers, units, add));
  assertDone(await countRows(address, JOBS), warmUp + units, "jobs are waiting");
  return { units, perSecond };
}

/** From the call of `addJob` to the call of the task, when nothing else is to be done. */
async function measureLatency() {
  let onStart: () => void = () => undefined;
  const runner = await run({ preset, logger, noHandleSignals: true, taskList: { job: () => onStart() } });
  const latencies = await probeIdle(units, async (_index, reached) => {
    onStart = reached;
    await utils.addJob("job", {});
  });
  await runner.stop();
  return { units, ...spreadOf(latencies) };
}

const measures = { jobs: measureJobs, adding: measureAdding, latency: measureLatency };
await report(await measures[measure]());
