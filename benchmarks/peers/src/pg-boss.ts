/** pg-boss on PostgreSQL: trivial jobs, which it keeps when they are completed. */
import { PgBoss } from "pg-boss";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { byCallers, probeIdle, rateOf, spreadOf } from "../../src/peers/timing.ts";
import { countRows } from "./postgres.ts";

const { address, units, batchSize, fetchers, callers, measure } = readOptions({
  units: z.number(),
  batchSize: z.number().default(1),
  fetchers: z.number().default(1),
  callers: z.number().default(1),
  measure: z.enum(["jobs", "adding", "latency"]),
});
const QUEUE = "jobs";
const CONNECTIONS = 20;
/** Jobs of one `insert`. */
const BULK = 1_000;

const boss = new PgBoss({
  connectionString: address,
  max: CONNECTIONS,
  schedule: false,
  useListenNotify: measure === "latency",
});
boss.on("error", (error) => {
  throw error;
});
await boss.start();
await boss.createQueue(QUEUE, { notify: measure === "latency" });

/**
 * Fetches and completes batches as `work` does, but without the wait between its polls, and so that the acknowledgement
 * of each completion is seen: the clock stops at the last one.
 */
async function measureJobs() {
  const warmUp = Math.ceil(units / 4);
  await work(warmUp);
  const perSecond = await work(units);
  const completed = await countRows(address, "pgboss.job where state = 'completed'");
  assertDone(completed, warmUp + units, "jobs were completed");
  return { units, perSecond };
}

async function work(jobs: number): Promise<number> {
  for (let from = 0; from < jobs; from += BULK)
    await boss.insert(
      QUEUE,
      Array.from({ length: Math.min(BULK, jobs - from) }, () => ({ data: {} })),
    );
  let ran = 0;
  const handler = async () => {
    ran += 1;
  };
  const fetcher = async () => {
    for (;;) {
      const batch = await boss.fetch(QUEUE, { batchSize });
      if (batch.length === 0) return;
      const ids = batch.map(({ id }) => id);
      for (let index = 0; index < ids.length; index += 1) await handler();
      await boss.complete(QUEUE, ids);
    }
  };
  const perSecond = await rateOf(jobs, () => Promise.all(Array.from({ length: fetchers }, fetcher)));
  assertDone(ran, jobs, "jobs ran");
  return perSecond;
}

async function measureAdding() {
  const send = () => boss.send(QUEUE, {});
  const warmUp = Math.ceil(units / 4);
  await byCallers(callers, warmUp, send);
  const perSecond = await rateOf(units, () => byCallers(callers, units, send));
  const waiting = await countRows(address, "pgboss.job where state = 'created'");
  assertDone(waiting, warmUp + units, "jobs are waiting");
  return { units, perSecond };
}

/** From the call of `send` to the call of the handler, when nothing else is to be done: woken by NOTIFY. */
async function measureLatency() {
  let onStart: () => void = () => undefined;
  await boss.work(QUEUE, { pollingIntervalSeconds: 0.5 }, async () => onStart());
  const latencies = await probeIdle(units, async (_index, reached) => {
    onStart = reached;
    await boss.send(QUEUE, {});
  });
  return { units, ...spreadOf(latencies) };
}

const measures = { jobs: measureJobs, adding: measureAdding, latency: measureLatency };
await report(await measures[measure]());
