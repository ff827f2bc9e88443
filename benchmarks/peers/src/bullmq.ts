/** BullMQ on Redis: trivial jobs, which it keeps when they are completed. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { byCallers, Countdown, probeIdle, rateOf, spreadOf } from "../../src/peers/timing.ts";

const { address, units, concurrency, measure } = readOptions({
  units: z.number(),
  concurrency: z.number(),
  measure: z.enum(["jobs", "adding", "latency"]),
});
// What a worker needs: it waits for the server as long as it takes.
const connection = new Redis(address, { maxRetriesPerRequest: null });
const queue = new Queue("jobs", { connection });
/** Jobs of one `addBulk`. */
const BULK = 1_000;

/** The clock stops at the last `completed` event, which follows Redis's acknowledgement of the completion. */
async function measureJobs() {
  const warmUp = Math.ceil(units / 4);
  await work(warmUp);
  const perSecond = await work(units);
  assertDone(await queue.getCompletedCount(), warmUp + units, "jobs were completed");
  return { units, perSecond };
}

async function work(jobs: number): Promise<number> {
  for (let from = 0; from < jobs; from += BULK)
    await queue.addBulk(Array.from({ length: Math.min(BULK, jobs - from) }, () => ({ name: "job", data: {} })));
  const completed = new Countdown(jobs);
  const worker = new Worker("jobs", async () => undefined, { connection, concurrency, autorun: false });
  worker.on("completed", () => completed.count());
  await worker.waitUntilReady();
  const perSecond = await rateOf(jobs, () => {
    void worker.run();
    return completed.ended;
  });
  await worker.close();
  return perSecond;
}

async function measureAdding() {
  const add = () => queue.add("job", {});
  const warmUp = Math.ceil(units / 4);
  await byCallers(concurrency, warmUp, add);
  const perSecond = await rateOf(units, () => byCallers(concurrency, units, add));
  assertDone(await queue.getWaitingCount(), warmUp + units, "jobs are waiting");
  return { units, perSecond };
}

/** From the call of `add` to the call of the processor, when nothing else is to be done. */
async function measureLatency() {
  let onStart: () => void = () => undefined;
  let completed = new Countdown(1);
  const worker = new Worker("jobs", async () => onStart(), { connection, concurrency });
  worker.on("completed", () => completed.count());
  await worker.waitUntilReady();
  const latencies = await probeIdle(units, async (_index, reached) => {
    onStart = reached;
    completed = new Countdown(1);
    await queue.add("job", {});
    await completed.ended;
  });
  await worker.close();
  return { units, ...spreadOf(latencies) };
}

const measures = { jobs: measureJobs, adding: measureAdding, latency: measureLatency };
await report(await measures[measure]());
