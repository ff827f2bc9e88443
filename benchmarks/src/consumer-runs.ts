/** Complete consumer runs: prepare → one mutation → next, 1 KB payload, synchronous = FULL. */
import {
  createEngine,
  defineConnector,
  defineWorkflow,
  mutation,
  type Engine,
  type WorkflowDefinition,
} from "@millrace/agent";
import { z } from "zod";
import { median, withTemporaryDatabase } from "./temporary-database.ts";

export interface ConsumerRunsResult {
  workflows: number;
  rounds: number;
  runsPerSecond: number;
  publishesPerSecond: number;
  commitsPerRun: number;
  /** Commits that wait for the disk, each with one sync. */
  syncsPerRun: number;
}

export interface ConsumerRunsRound {
  runsPerSecond: number;
  publishesPerSecond: number;
  commitsPerRun: number;
  syncsPerRun: number;
}

const PAYLOAD = { text: "x".repeat(1_000) };

/** The outside world: a function in this process. @param onCall called with the id of the event at each call */
export function defineLedger(onCall: (id: string) => void = () => undefined) {
  return defineConnector({
    name: "ledger",
    operations: {
      note: mutation({
        params: z.object({ id: z.string() }),
        execute: async ({ id }) => {
          onCall(id);
          return { id };
        },
      }),
    },
  });
}

/** One consumer with one ledgered mutation, for each event a run. */
export function workflowOf(index: number, ledger = defineLedger()): WorkflowDefinition {
  return defineWorkflow({
    name: `bench-${index}`,
    topics: { "mail.received": z.object({ text: z.string() }) },
    connectors: { ledger },
    consumers: (consumer) => ({
      note: consumer({
        subscribe: ["mail.received"],
        async prepare(ctx) {
          const [event] = await ctx.peek("mail.received", { limit: 1 });
          return {
            reservations: event ? [{ topic: "mail.received", ids: [event.id] }] : [],
            data: { id: event?.messageId ?? "" },
          };
        },
        mutate: async (ctx, { data }) => ctx.ledger.note({ id: data.id }),
        async next() {},
      }),
    }),
  });
}

/** Publishes to paused workflows, then lets them all go: the clock stops when the last run is committed. */
export async function measureConsumerRuns(
  workflows: number,
  runs: number,
  rounds: number,
): Promise<ConsumerRunsResult> {
  const measured: ConsumerRunsRound[] = [];
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const result = await measureConsumerRound(workflows, runs);
    if (round > 0) measured.push(result);
  }
  return {
    workflows,
    rounds,
    runsPerSecond: Math.round(median(measured.map(({ runsPerSecond }) => runsPerSecond))),
    publishesPerSecond: Math.round(median(measured.map(({ publishesPerSecond }) => publishesPerSecond))),
    commitsPerRun: Number(median(measured.map(({ commitsPerRun }) => commitsPerRun)).toFixed(2)),
    syncsPerRun: Number(median(measured.map(({ syncsPerRun }) => syncsPerRun)).toFixed(2)),
  };
}

/** Runs so many once, in a database of its own. */
export async function measureConsumerRound(workflows: number, runs: number): Promise<ConsumerRunsRound> {
  let commits = 0;
  let syncs = 0;
  const countCommit = (_names: readonly string[], awaitsDisk: boolean) => {
    commits += 1;
    if (awaitsDisk) syncs += 1;
    return "continue" as const;
  };
  return withTemporaryDatabase(
    async (database) => {
      const definitions = Array.from({ length: workflows }, (_, index) => workflowOf(index));
      const engine = createEngine({ database, workflows: definitions });
      await engine.start();
      await engine.whenIdle();
      await Promise.all(definitions.map(({ name }) => engine.pause(name)));
      const publishing = performance.now();
      await publishAll(engine, definitions, runs);
      const publishesPerSecond = (runs * 1_000) / (performance.now() - publishing);
      [commits, syncs] = [0, 0];
      const running = performance.now();
      await Promise.all(definitions.map(({ name }) => engine.resume(name)));
      await engine.whenIdle();
      const runsPerSecond = (runs * 1_000) / (performance.now() - running);
      const [commitsPerRun, syncsPerRun] = [commits / runs, syncs / runs];
      await assertDone(engine, runs);
      await engine.stop();
      return { runsPerSecond, publishesPerSecond, commitsPerRun, syncsPerRun };
    },
    { beforeCommit: countCommit },
  );
}

async function publishAll(engine: Engine, definitions: readonly WorkflowDefinition[], runs: number): Promise<void> {
  const publishing = Array.from({ length: runs }, (_, index) => {
    const definition = definitions[index % definitions.length];
    return engine.publish(definition?.name ?? "", "mail.received", { messageId: `m-${index}`, payload: PAYLOAD });
  });
  await Promise.all(publishing);
}

/** A figure for work that was not done would be worse than none. */
async function assertDone(engine: Engine, runs: number): Promise<void> {
  const applied = await engine.outputs({ statuses: ["applied"], limit: runs + 1 });
  if (applied.length !== runs) throw new Error(`${applied.length} of ${runs} mutations were applied`);
}
