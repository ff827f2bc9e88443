/** What is in every database that a model runs on, made once and opened from its image each time. */
import {
  createIdSource,
  createStores,
  openDatabase,
  type HandlerRun,
  type Job,
  type Platform,
  type Script,
  type Session,
  type Stores,
  type Topic,
  type Workflow,
} from "@millrace/db";
import { createJob } from "../support/job-rows.ts";
import type { Real } from "./batches.ts";
import { LIMITS } from "./drawn-values.ts";

/** Breaks stores on purpose. */
export type BreakStores = (stores: Stores) => void;

/** Rows that are there before the first command. */
export interface Ground {
  platforms: Platform[];
  /** Two of the default platform, one of another. */
  workflows: Workflow[];
  topics: Topic[];
  scripts: Script[];
  sessions: Session[];
  /** Runs of consumers, three of each workflow, that have crashed. */
  runs: HandlerRun[];
  /** Three of the default platform. */
  jobs: Job[];
}

interface Prepared {
  ground: Ground;
  image: Buffer;
}

let prepared: Promise<Prepared> | undefined;

/** The time at which the ids of the ground end, so that those of the commands come after them. */
const IDS_FROM = 1_000_000;

/** Opens a database with the ground in it. Its stores may be broken on purpose. */
export async function openGround(breakStores?: BreakStores): Promise<{ real: Real; base: Ground }> {
  prepared ??= prepare();
  const { ground, image } = await prepared;
  const database = await open(IDS_FROM, image);
  const stores = createStores(database);
  breakStores?.(stores);
  return { real: { database, stores }, base: ground };
}

function open(idsFrom: number, image?: Buffer) {
  let ticks = idsFrom;
  const newId = createIdSource({ now: () => (ticks += 1) });
  return openDatabase("sqlite::memory:", { newId, limits: LIMITS, ...(image && { image }) });
}

async function prepare(): Promise<Prepared> {
  const database = await open(0);
  const stores = createStores(database);
  const ground = await layGround(stores);
  const image = database.serialise();
  await database.close();
  return { ground, image };
}

async function layGround(stores: Stores): Promise<Ground> {
  const ground: Ground = { platforms: [], workflows: [], topics: [], scripts: [], sessions: [], runs: [], jobs: [] };
  const other = await stores.platforms.getOrCreate("other", 0);
  ground.platforms = await stores.platforms.list();
  for (let count = 0; count < 3; count += 1) ground.jobs.push(await createJob({ stores }, {}, 0));
  for (const [index, platformId] of [undefined, undefined, other.id].entries()) {
    const workflow = await stores.workflows.create(
      { name: `workflow ${index}`, status: "active", handlerConfig: {}, ...(platformId && { platformId }) },
      0,
    );
    ground.workflows.push(workflow);
    for (const name of ["mail", "row", "__proto__"])
      ground.topics.push(await stores.topics.getOrCreate(workflow.id, name, 0));
    const version = { workflowId: workflow.id, major: 1, minor: 0, source: "", digest: "d", origin: "test" };
    const script = await stores.scripts.create(version, 0);
    const session = await stores.sessions.create({ workflowId: workflow.id, trigger: "test" }, 0);
    ground.scripts.push(script);
    ground.sessions.push(session);
    for (let count = 0; count < 3; count += 1) {
      const run = await stores.handlerRuns.create(
        {
          sessionId: session.id,
          workflowId: workflow.id,
          scriptId: script.id,
          handlerType: "consumer",
          handlerName: "addRow",
          trigger: "event",
          phase: "preparing",
          retryOf: null,
          attempt: 1,
          transientFailures: 0,
          mutationId: null,
          mutationOutcome: null,
          prepareResult: null,
          inputState: null,
        },
        0,
      );
      await stores.handlerRuns.transition(run, run, { phase: "preparing", status: "crashed" });
      ground.runs.push({ ...run, status: "crashed" });
    }
  }
  return ground;
}
