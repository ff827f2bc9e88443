/**
 * One life of an engine that acts on an independent receiver, in a process of its own, until somebody kills it or it
 * kills itself at a commit. Its one argument is its orders, as JSON.
 */
import { appendFileSync } from "node:fs";
import { createEngine, WorkflowBusyError, WorkflowNotRunnableError, type Engine } from "@millrace/agent";
import { DatabaseError, DatabaseOwnedError, openDatabase } from "@millrace/db";
import { settleAsPerson } from "./kill-person.ts";
import { askedWorkflow, jobHandlers, muteWorkflow } from "./kill-workflows.ts";
import { ASKED_WORKFLOW, EXIT, MUTE_WORKFLOW, orders, pathsOf, SIGNS, type EffectKind } from "./kill-world.ts";
import { SeededRandom } from "./seeded-random.ts";

/** Asking for more stops for as long as so many events wait. */
const MOST_PENDING = 40;
const MOST_WAIT_MS = 12;
const LOOK_AGAIN_MS = 20;
/** A last life that takes longer is stuck. */
const DRAIN_MS = 60_000;

const told = orders.parse(JSON.parse(process.argv[2] ?? ""));
const paths = pathsOf(told.folder);
const random = new SeededRandom(told.seed);
const parent = process.ppid;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const policy = {
  // Few, so that a run in which the process has ended too often is nothing rare, and the person has to do with it.
  retry: { maxCrashes: 3, maxTransientFailures: 100_000, backoff: { initialMs: 10, maxMs: 100 } },
  reconcile: { maxAttempts: 100_000, confirmationDelayMs: 60, backoff: { initialMs: 20, maxMs: 100 } },
  storage: { retryDelayMs: 20 },
  jobs: { leaseMs: 300, abortGraceMs: 500 },
  call: { mutationTimeoutMs: 1_000, reconcileTimeoutMs: 1_000 },
} as const;

let commits = 0;

/** Passes a commit, or dies there if it is the one. */
function pass(moment: "before-commit" | "after-commit"): "continue" {
  if (moment === "before-commit") commits += 1;
  if (told.dies?.at === commits && told.dies.moment === moment) process.kill(process.pid, "SIGKILL");
  return "continue";
}

/** One thing more, of any kind; what the database has acknowledged is written down, and must be there for ever. */
async function askForOne(engine: Engine, item: string): Promise<void> {
  const kind = (["asked", "mute", "once", "repeat"] as const)[random.between(0, 3)] ?? "asked";
  await request(engine, kind, item);
  appendFileSync(paths.acknowledged, `${kind} ${item}\n`);
}

async function request(engine: Engine, kind: EffectKind, item: string): Promise<void> {
  const event = { messageId: item, payload: { item } };
  switch (kind) {
    case "asked":
      await engine.publish(ASKED_WORKFLOW, "found", event);
      return;
    case "mute":
      await engine.publish(MUTE_WORKFLOW, "wanted", event);
      return;
    case "once":
      await engine.jobs.scheduleOnce({
        key: `once-${item}`,
        name: "once",
        handler: "once",
        payload: { item },
        delivery: "at_most_once",
      });
      return;
    case "repeat":
      await engine.jobs.scheduleOnce({
        key: `repeat-${item}`,
        name: "repeat",
        handler: "repeat",
        payload: { item },
        maxRetries: 1_000,
        retryDelay: 20,
        autoPauseAfter: null,
      });
  }
}

/** Goes on until somebody ends it. */
async function live(engine: Engine): Promise<never> {
  for (let index = 1; ; index += 1) {
    await pause(random.between(0, MOST_WAIT_MS));
    if (process.ppid !== parent) throw new Error("Nobody is there any more who would end this life.");
    await unlessRefused(async () => {
      if (index % 20 === 1) await waitForRoom(engine);
      if (random.chance(0.15)) await lookForOffers(engine);
      await askForOne(engine, `${told.life}-${index}`);
    });
  }
}

/** What a full disk refuses was not acknowledged, and is not asked for again. */
async function unlessRefused(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    appendFileSync(paths.refusals, `${error.name}\n`);
  }
}

/** Lets the producer look now, unless the workflow is busy or waits. */
async function lookForOffers(engine: Engine): Promise<boolean> {
  try {
    await engine.runNow(ASKED_WORKFLOW);
    return true;
  } catch (error) {
    if (error instanceof WorkflowBusyError || error instanceof WorkflowNotRunnableError) return false;
    throw error;
  }
}

/** What waits may wait for a person, who comes by then. */
async function waitForRoom(engine: Engine): Promise<void> {
  while ((await engine.events({ status: "pending", limit: MOST_PENDING })).length >= MOST_PENDING) {
    await pause(LOOK_AGAIN_MS);
    await settleAsPerson(engine, told);
  }
}

/** Works off all that is left, with a person who answers what is asked. */
async function drain(engine: Engine): Promise<void> {
  const givesUpAt = Date.now() + DRAIN_MS;
  for (let looked = false; ;) {
    await pause(LOOK_AGAIN_MS);
    await engine.whenIdle();
    looked ||= await lookForOffers(engine);
    await settleAsPerson(engine, told);
    const left = await whatIsLeft(engine);
    if (left === null && looked) return;
    if (Date.now() > givesUpAt) throw new Error(`There is no end to it: ${left}.`);
  }
}

/** Says what there is still to do; null if it is nothing. */
async function whatIsLeft(engine: Engine): Promise<string | null> {
  const open = await engine.outputs({ statuses: ["in_flight", "needs_reconcile"], limit: 1 });
  if (open.length > 0) return `output ${open[0]?.id} is ${open[0]?.status}`;
  const pending = await engine.events({ status: "pending", limit: 1 });
  if (pending.length > 0) return `event ${pending[0]?.id} is pending`;
  const retrying = (await engine.status()).find(({ retryAt }) => retryAt !== null);
  if (retrying) return `workflow ${retrying.name} waits for a retry`;
  const metrics = await engine.jobs.getMetrics();
  if (metrics.open.pending + metrics.open.running > 0) return "there are executions of jobs";
  if ((await engine.needsAttention()).some(({ mutation }) => mutation)) return "a person is asked";
  return engine.isIdle ? null : "it is not idle";
}

async function main(): Promise<number> {
  process.stdout.write(`${SIGNS.opening}\n`);
  const database = await openDatabase(`sqlite:${paths.database}`, {
    hooks: { beforeCommit: () => pass("before-commit"), afterCommit: () => pass("after-commit") },
  });
  const engine = createEngine({
    database,
    workflows: [askedWorkflow(told), muteWorkflow(told)],
    jobHandlers: jobHandlers(told),
    policy,
  });
  await engine.start();
  process.stdout.write(`${SIGNS.up}\n`);
  if (!told.drains) {
    if (random.chance(0.5)) await unlessRefused(() => settleAsPerson(engine, told));
    await live(engine);
  }
  await drain(engine);
  await engine.stop();
  await database.close();
  return EXIT.drained;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof DatabaseOwnedError) return EXIT.refused;
  return error instanceof DatabaseError ? EXIT.noRoom : 1;
}

// Without an await at the top: it is bundled as a script, which starts faster than a module.
main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    // The engine may still run, and would go on.
    process.exit(exitCodeOf(error));
  },
);
