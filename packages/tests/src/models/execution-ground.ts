/**
 * An engine whose motor is off: it deploys, recovers and decides, and starts nothing by itself, so that a model can ask
 * for each transition in any order.
 */
import { createEngine, defineWorkflow, type Engine, type WorkflowDefinition } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { createIdSource, openDatabase, type Topic, type Workflow } from "@millrace/db";
import { z } from "zod";
import type { Real } from "./batches.ts";
import type { BreakStores } from "./ground.ts";
import type { Verbs } from "./verbs.ts";

export interface ExecutionBase {
  workflow: Workflow;
  topics: Topic[];
  now: number;
}

const START = 1_000_000;
const item = z.unknown();

/** The handlers of each version of the workflow. */
export const VERSIONS = [
  { producers: ["poll"], consumers: ["work", "digest"] },
  { producers: ["poll"], consumers: ["work"] },
  { producers: ["poll", "other"], consumers: ["work", "digest"] },
] as const;
export type Version = 0 | 1 | 2;

/** Nothing of its code ever runs. */
export function definitionOf(version: Version): WorkflowDefinition {
  const { producers, consumers } = VERSIONS[version];
  return defineWorkflow({
    name: "letters",
    topics: { mail: item, row: item },
    producers: (producer) =>
      Object.fromEntries(
        producers.map((name) => [name, producer({ publishes: ["mail"], handler: async () => undefined })]),
      ),
    consumers: (consumer) =>
      Object.fromEntries(
        consumers.map((name) => [
          name,
          consumer({
            subscribe: ["mail"],
            publishes: ["row"],
            prepare: async () => ({ reservations: [], data: version }),
          }),
        ]),
      ),
  });
}

let prepared: Promise<{ base: ExecutionBase; image: Buffer }> | undefined;

export async function openExecutionGround(breakStores?: BreakStores): Promise<{ real: Real; base: ExecutionBase }> {
  prepared ??= prepare();
  const { base, image } = await prepared;
  const { real } = await open(base.now, image, breakStores);
  return { real, base };
}

async function open(now: number, image: Buffer | null, breakStores?: BreakStores) {
  let ticks = image ? START : 0;
  const newId = createIdSource({ now: () => (ticks += 1) });
  const database = await openDatabase("sqlite::memory:", { newId, ...(image && { image }) });
  const clock = new FakeClock(now);
  const begin = () => {
    const engine = createEngine({ database, clock, random: () => 0.5 });
    breakStores?.(engine["stores"]);
    return engine;
  };
  const verbsOf = (engine: Engine) => ({ engine, model: engine["model"], ledger: engine["ledger"] });
  const first = begin();
  // As if it had been started.
  first["state"] = "running";
  const real: Real & { verbs: Verbs } = {
    database,
    stores: first["stores"],
    verbs: {
      ...verbsOf(first),
      clock,
      async restart() {
        const next = begin();
        turnOff(next);
        await next.start();
        Object.assign(real.verbs, verbsOf(next));
        real.stores = next["stores"];
      },
    },
  };
  return { real };
}

/** An engine starts with its motor: recovery comes before that. */
function turnOff(engine: Engine): void {
  engine["agenda"].start = () => undefined;
  engine["scheduler"].start = () => undefined;
  engine["jobHost"].start = () => Promise.resolve(0);
}

async function prepare() {
  const { real } = await open(START, null);
  await real.verbs.engine.deploy(definitionOf(0));
  const [workflow] = await real.stores.workflows.list();
  if (!workflow) throw new Error("Nothing was deployed.");
  const topics = await real.stores.topics.list(workflow.id);
  const image = real.database.serialise();
  await real.database.close();
  return { base: { workflow, topics, now: START }, image };
}
