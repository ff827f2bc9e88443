/**
 * The process whose calls are recorded: a real engine on a real file, with a clock of its own. Arguments: the folder of the
 * database and the files, the outside world's record, how far SQLite syncs (FULL as the product has it, NORMAL or OFF),
 * and how many orders come.
 */
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { NetworkError, type Engine } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase } from "@millrace/agent/testing";
import type { RunPhase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import { JOB_EVENT, jobHandlers, MUTE, ordersWorkflow, START, WORKFLOW, type Observation } from "./power-cut-world.ts";

const [folder = "", record = "", synchronous = "FULL", orders = "4"] = process.argv.slice(2);
/** Pages in the log, after which they are put into the database: a few commits' worth. */
const CHECKPOINT_PAGES = 40;

// Each observation is one write, so that the trace shows between which syncs it was made.
const descriptor = openSync(record, "a");
const observe = (observed: Observation) => void writeSync(descriptor, `${JSON.stringify(observed)}\n`);

/** Some answers are lost after the effect, some before. */
const happened = new Set<string>();
const moods = new Map<string, "answer-lost" | "not-sent">([
  ["order-1", "answer-lost"],
  ["order-2", "not-sent"],
  [`${MUTE}-0`, "answer-lost"],
]);
const world = {
  happened: (key: string) => happened.has(key),
  act(key: string, item: string) {
    const mood = moods.get(item);
    moods.delete(item);
    if (mood !== "not-sent") {
      happened.add(key);
      observe({ is: "effect", key, item });
    }
    if (mood !== undefined) throw new NetworkError("no answer");
  },
};

function syncAsAsked(): void {
  const { prototype } = BetterSqlite3;
  const { pragma } = prototype;
  prototype.pragma = function (source, options) {
    const asked = source === "synchronous = FULL" ? `synchronous = ${synchronous}` : source;
    return pragma.call(this, asked, options);
  };
}

/** That a run has begun, has prepared or emits need not be on the disk when it is told: it is merely done again. */
const REPLAYED_PHASES: readonly RunPhase[] = ["preparing", "prepared", "emitting"];

function watch(engine: Engine): void {
  engine.on("event:published", ({ id }) => observe({ is: "event", id }));
  engine.on("run:changed", ({ id, phase, status }) => {
    if (status !== "active" || !REPLAYED_PHASES.includes(phase)) observe({ is: "run", id, phase, status });
  });
  engine.on("mutation:changed", ({ id, status }) => observe({ is: "mutation", id, status }));
  engine.on("job:changed", ({ id }) => observe({ is: "job", id }));
  engine.on("execution:changed", ({ id, status }) => observe({ is: "execution", id, status }));
}

async function publish(engine: Engine, item: string): Promise<void> {
  const { id } = await engine.publish(WORKFLOW, "ordered", { messageId: item, payload: { item } });
  observe({ is: "event", id });
}

async function askForJobs(engine: Engine, index: number): Promise<void> {
  const name = `once-${index}`;
  const delivery = index % 2 === 0 ? "at_most_once" : "at_least_once";
  const job = await engine.jobs.scheduleOnce({ key: name, name, handler: "act", delivery });
  observe({ is: "job", id: job.id });
  for (const { id, status } of await engine.jobs.triggerEvent(JOB_EVENT, null, { eventId: name }))
    observe({ is: "execution", id, status });
}

/** A person looks at what nobody could be asked about. */
async function resolveOpen(engine: Engine): Promise<void> {
  for (const { id, idempotencyKey } of await engine.outputs({ unresolved: true, statuses: ["indeterminate"] })) {
    const verdict = happened.has(idempotencyKey) ? "happened" : "did_not_happen";
    await engine.resolveMutation(id, { verdict, by: "a person" });
    observe({ is: "resolved", id });
  }
}

syncAsAsked();
const clock = new FakeClock(START);
const opened = await openTestDatabase(clock, { location: `sqlite:${join(folder, "test.sqlite")}` });
const { database } = opened;
await database.transaction(({ executor }) =>
  sql.raw(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`).execute(executor),
);
const handlers = jobHandlers(world);
const { engine, runUntilIdle, advance, close } = attachTestEngine(opened, clock, {
  workflows: [ordersWorkflow(world, join(folder, "files"))],
  jobHandlers: handlers,
});
watch(engine);
await engine.start();
await engine.jobs.schedule({
  type: "event",
  event: JOB_EVENT,
  key: JOB_EVENT,
  name: JOB_EVENT,
  handler: "act",
  delivery: "at_most_once",
});
await engine.jobs.scheduleRecurring({
  key: "ticking",
  name: "ticking",
  handler: "act",
  delivery: "at_most_once",
  interval: "20s",
  overlap: "buffer_all",
  misfire: { policy: "all", limit: 1_000 },
  maxRuns: 4,
});
for (let index = 0; index < Number(orders); index += 1) {
  await Promise.all([
    publish(engine, `order-${index}`),
    publish(engine, `${MUTE}-${index}`),
    askForJobs(engine, index),
  ]);
  await runUntilIdle();
  await advance("20s");
  await resolveOpen(engine);
  await runUntilIdle();
}
await advance("2m");
await resolveOpen(engine);
await runUntilIdle();
await close();
process.stdout.write(`done ${happened.size}\n`);
