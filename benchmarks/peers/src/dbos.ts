/** DBOS Transact on PostgreSQL: workflows of three durable steps, one of them an outside call. */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { byCallers, PAYLOAD, probeIdle, rateOf, spreadOf } from "../../src/peers/timing.ts";
import { countRows } from "./postgres.ts";

const { address, units, concurrency, measure } = readOptions({
  units: z.number(),
  concurrency: z.number(),
  measure: z.enum(["direct", "queue", "latency"]),
});
const QUEUE = "steps";
const CONNECTIONS = 20;

let calls = 0;
let onCall: () => void = () => undefined;
const workflow = DBOS.registerWorkflow(
  async (_payload: typeof PAYLOAD) => {
    await DBOS.runStep(async () => ({ ready: true }), { name: "prepare" });
    await DBOS.runStep(
      async () => {
        calls += 1;
        onCall();
        return { called: true };
      },
      { name: "call" },
    );
    await DBOS.runStep(async () => ({ recorded: true }), { name: "record" });
  },
  { name: "three-steps" },
);

/** By callers that each wait for the end of one workflow before they begin the next. */
async function runDirectly(runs: number): Promise<void> {
  await byCallers(concurrency, runs, () => workflow(PAYLOAD));
}

/** All are put into the queue by callers; it runs as many at once as there are callers. */
async function runInQueue(runs: number): Promise<void> {
  const handles = new Array<Promise<unknown>>();
  await byCallers(concurrency, runs, async () => {
    const handle = await DBOS.startWorkflow(workflow, { queueName: QUEUE })(PAYLOAD);
    handles.push(handle.getResult());
  });
  await Promise.all(handles);
}

async function measureRuns(work: (runs: number) => Promise<void>) {
  const warmUp = Math.ceil(units / 4);
  await work(warmUp);
  const perSecond = await rateOf(units, () => work(units));
  assertDone(calls, warmUp + units, "calls were made");
  const completed = await countRows(address, "dbos.workflow_status where status = 'SUCCESS'");
  assertDone(completed, warmUp + units, "workflows succeeded");
  return { units, perSecond };
}

/** From the call of the workflow to its outside call, when nothing else is to be done. */
async function measureLatency() {
  const latencies = await probeIdle(units, (_index, reached) => {
    onCall = reached;
    return workflow(PAYLOAD);
  });
  return { units, ...spreadOf(latencies) };
}

DBOS.setConfig({ name: "bench", systemDatabaseUrl: address, systemDatabasePoolSize: CONNECTIONS, logLevel: "error" });
await DBOS.launch();
if (measure === "queue") await DBOS.registerQueue(QUEUE, { workerConcurrency: concurrency, minPollingIntervalMs: 20 });
await report(
  measure === "latency" ? await measureLatency() : await measureRuns(measure === "direct" ? runDirectly : runInQueue),
);
