/** OpenWorkflow on SQLite: workflows of three durable steps, one of them an outside call. Its default is synchronous = FULL. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { byCallers, Countdown, PAYLOAD, probeIdle, rateOf, spreadOf } from "../../src/peers/timing.ts";

const { folder, units, concurrency, measure } = readOptions({
  units: z.number(),
  concurrency: z.number(),
  measure: z.enum(["runs", "latency"]),
});
const file = join(folder, "openworkflow.sqlite");
const FULL = 2;

const backend = BackendSqlite.connect(file);
const client = new OpenWorkflow({ backend });
let calls = 0;
let onCall: () => void = () => undefined;
const workflow = client.defineWorkflow({ name: "three-steps" }, async ({ step }) => {
  await step.run({ name: "prepare" }, async () => ({ ready: true }));
  await step.run({ name: "call" }, async () => {
    calls += 1;
    onCall();
    return { called: true };
  });
  await step.run({ name: "record" }, async () => ({ recorded: true }));
});

// Its own connection is opened the same way, and not configured otherwise.
const { synchronous } = z
  .object({ synchronous: z.number() })
  .parse(new DatabaseSync(file).prepare("pragma synchronous").get());
assertDone(synchronous, FULL, "is the setting of synchronous");

/** A run is acknowledged when its completion is written, which its worker waits for. */
let completed = new Countdown(1);
const complete = backend.completeWorkflowRun.bind(backend);
backend.completeWorkflowRun = async (parameters) => {
  const run = await complete(parameters);
  completed.count();
  return run;
};

const worker = client.newWorker({ concurrency });

async function measureRuns(): Promise<number> {
  const warmUp = Math.ceil(units / 4);
  await work(warmUp);
  const perSecond = await work(units);
  assertDone(calls, warmUp + units, "calls were made");
  assertDone((await backend.countWorkflowRuns()).completed, warmUp + units, "workflows were completed");
  return perSecond;
}

/** Starts them while no worker runs, then lets them all go. */
async function work(runs: number): Promise<number> {
  completed = new Countdown(runs);
  await byCallers(100, runs, () => workflow.run(PAYLOAD));
  const perSecond = await rateOf(runs, async () => {
    await worker.start();
    await completed.ended;
  });
  await worker.stop();
  return perSecond;
}

/** From the call of `run` to the outside call, when nothing else is to be done: a worker polls. */
async function measureLatency(): Promise<number[]> {
  await worker.start();
  const latencies = await probeIdle(units, async (_index, reached) => {
    onCall = reached;
    completed = new Countdown(1);
    await workflow.run(PAYLOAD);
    await completed.ended;
  });
  await worker.stop();
  return latencies;
}

await report(
  measure === "runs" ? { units, perSecond: await measureRuns() } : { units, ...spreadOf(await measureLatency()) },
);
