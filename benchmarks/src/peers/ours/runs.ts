/** Complete consumer runs with one ledgered mutation. */
import { createEngine } from "@millrace/agent";
import { measureConsumerRound, defineLedger, workflowOf } from "../../consumer-runs.ts";
import { withTemporaryDatabase } from "../../temporary-database.ts";
import { assertDone, type Measurement } from "../contestant.ts";
import { byCallers, PAYLOAD, probeIdle, rateOf, spreadOf } from "../timing.ts";
import { countAppliedMutations, countPendingEvents } from "./count-rows.ts";

const TOPIC = "mail.received";

/** Published before the clock runs; it stops when the last run is committed. */
export async function measureRuns({ units, workflows }: { units: number; workflows: number }): Promise<Measurement> {
  await measureConsumerRound(workflows, Math.ceil(units / 4));
  const { runsPerSecond, ...others } = await measureConsumerRound(workflows, units);
  return { units, perSecond: runsPerSecond, ...others };
}

/** Published by callers while the engine runs: the clock begins with the first and stops with the last run. */
export async function measurePublishAndRun(options: {
  units: number;
  workflows: number;
  callers: number;
}): Promise<Measurement> {
  const { units, workflows, callers } = options;
  return withTemporaryDatabase(async (database) => {
    const definitions = Array.from({ length: workflows }, (_, index) => workflowOf(index));
    const engine = createEngine({ database, workflows: definitions });
    await engine.start();
    await engine.whenIdle();
    const publish = (index: number, id: string) =>
      engine.publish(`bench-${index % workflows}`, TOPIC, { messageId: id, payload: PAYLOAD });
    const warmUp = Math.ceil(units / 4);
    const work = async (from: number, until: number) => {
      await byCallers(callers, until - from, (index) => publish(index, `m-${from + index}`));
      await engine.whenIdle();
    };
    await work(0, warmUp);
    const perSecond = await rateOf(units, () => work(warmUp, warmUp + units));
    assertDone(await countAppliedMutations(database), warmUp + units, "mutations were applied");
    await engine.stop();
    return { units, perSecond };
  });
}

/** From the call of `publish` to the call of the connector, when nothing else is to be done. */
export async function measureRunLatency({ units }: { units: number }): Promise<Measurement> {
  return withTemporaryDatabase(async (database) => {
    let called: () => void = () => undefined;
    const engine = createEngine({
      database,
      workflows: [
        workflowOf(
          0,
          defineLedger(() => called()),
        ),
      ],
    });
    await engine.start();
    await engine.whenIdle();
    const latencies = await probeIdle(units, async (index, reached) => {
      called = reached;
      await engine.publish("bench-0", TOPIC, { messageId: `m-${index}`, payload: PAYLOAD });
      await engine.whenIdle();
    });
    await engine.stop();
    return { units: latencies.length, ...spreadOf(latencies) };
  });
}

/** Events that callers publish to paused workflows, each acknowledged as durable. */
export async function measurePublishing(options: { units: number; callers: number }): Promise<Measurement> {
  const { units, callers } = options;
  return withTemporaryDatabase(async (database) => {
    const engine = createEngine({ database, workflows: [workflowOf(0)] });
    await engine.start();
    await engine.whenIdle();
    await engine.pause("bench-0");
    const publish = (id: string) => engine.publish("bench-0", TOPIC, { messageId: id, payload: PAYLOAD });
    const warmUp = Math.ceil(units / 4);
    await byCallers(callers, warmUp, (index) => publish(`w-${index}`));
    const perSecond = await rateOf(units, () => byCallers(callers, units, (index) => publish(`m-${index}`)));
    assertDone(await countPendingEvents(database), warmUp + units, "events are pending");
    await engine.stop();
    return { units, perSecond };
  });
}
