/** Jobs: trivial functions with their history kept. */
import { createEngine, defineJobHandler } from "@millrace/agent";
import { measureThroughputRound } from "../../jobs.ts";
import { withTemporaryDatabase } from "../../temporary-database.ts";
import type { Measurement } from "../contestant.ts";
import { probeIdle, spreadOf } from "../timing.ts";

/** Runs what was taken in before; the clock stops when the last success is on disk. */
export async function measureJobs({ units }: { units: number }): Promise<Measurement> {
  await measureThroughputRound(Math.ceil(units / 4));
  const { executed, commits } = await measureThroughputRound(units);
  return { units, perSecond: executed, commitsPerExecution: commits };
}

/** Jobs that 100 callers add one by one, each acknowledged as durable. */
export async function measureAdding({ units }: { units: number }): Promise<Measurement> {
  await measureThroughputRound(Math.ceil(units / 4));
  const { enqueued } = await measureThroughputRound(units);
  return { units, perSecond: enqueued };
}

/** From the call of `scheduleOnce` to the call of the handler, when nothing else is to be done. */
export async function measureJobLatency({ units }: { units: number }): Promise<Measurement> {
  return withTemporaryDatabase(async (database) => {
    let called: () => void = () => undefined;
    const probe = defineJobHandler({ name: "probe", handler: () => called() });
    const engine = createEngine({ database, jobHandlers: [probe] });
    await engine.start();
    const latencies = await probeIdle(units, async (_index, reached) => {
      called = reached;
      await engine.jobs.scheduleOnce({ name: "probe", handler: "probe" });
      await engine.whenIdle();
    });
    await engine.stop();
    return { units: latencies.length, ...spreadOf(latencies) };
  });
}
