/** Complete consumer runs beside much else in the database: a long backlog of pending events, or a long history of runs. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEngine, type Engine } from "@millrace/agent";
import { openDatabase, type SqliteDatabase } from "@millrace/db";
import { sql } from "kysely";
import { z } from "zod";
import { measureListsOf } from "../../api.ts";
import { writeHistory } from "../../api-rows.ts";
import { defineLedger, workflowOf } from "../../consumer-runs.ts";
import { assertDone, type Measurement } from "../contestant.ts";
import { Countdown, PAYLOAD } from "../timing.ts";
import { countPendingEvents } from "./count-rows.ts";

const TOPIC = "mail.received";
const WORKFLOWS = 100;

/** Runs between two looks at the clock; the small backlog holds no more. */
const CHUNK = 1_000;

/** The rows of one statement. */
const BATCH = 50_000;

const historySchema = z.object({ workflow: z.string(), from: z.number(), until: z.number() });

/** Deploys the workflows, paused, and writes the rows past the stores, which would take hours. */
export async function prepareLongData(options: {
  folder: string;
  pending: number;
  history: number;
}): Promise<Measurement> {
  const { folder, pending, history } = options;
  const database = await openDatabase(locationIn(folder));
  const engine = createEngine({ database, workflows: definitions() });
  await engine.start();
  await engine.whenIdle();
  await forEachWorkflow((name) => engine.pause(name));
  await engine.stop();
  await writePendingEvents(database, pending);
  const written = await writeHistory(database, history, Date.now());
  writeFileSync(historyIn(folder), JSON.stringify(written));
  await database.close();
  return { units: pending + history };
}

/** Publishes as many events as are consumed, chunk by chunk, so that the backlog stays as long as it is. */
export async function measureLongData({ folder, units }: { folder: string; units: number }): Promise<Measurement> {
  const database = await openDatabase(locationIn(folder));
  const pendingBefore = await countPendingEvents(database);
  let calls = 0;
  const ledger = defineLedger(() => (calls += 1));
  const engine = createEngine({ database, workflows: definitions(ledger) });
  await engine.start();
  await engine.whenIdle();
  const chunks = Math.ceil(units / CHUNK);
  let published = 0;
  let milliseconds = 0;
  // The first chunk warms up and does not count.
  for (let chunk = 0; chunk <= chunks; chunk += 1) {
    await publishChunk(engine, `m-${Date.now()}-${published}`);
    published += CHUNK;
    const start = performance.now();
    await runChunk(engine);
    if (chunk > 0) milliseconds += performance.now() - start;
    await forEachWorkflow((name) => engine.pause(name));
    await engine.whenIdle();
  }
  await engine.stop();
  // As a chunk ends, others are under way that belong to the backlog: none of those runs is left unfinished either.
  if (calls < published) assertDone(calls, published, "calls were made");
  assertDone(await countPendingEvents(database), pendingBefore + published - calls, "events are left");
  await database.close();
  return {
    units: chunks * CHUNK,
    perSecond: (chunks * CHUNK * 1_000) / milliseconds,
    peakRssMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

/** Asks for the dashboard's lists; gives the slowest. */
export async function measureLongLists(options: { folder: string; units: number }): Promise<Measurement> {
  const history = historySchema.parse(JSON.parse(readFileSync(historyIn(options.folder), "utf8")));
  const lists = await measureListsOf(locationIn(options.folder), history, options.units);
  return { units: lists.length * options.units, slowestP50Ms: Math.max(...lists.map(({ p50Ms }) => p50Ms)) };
}

async function publishChunk(engine: Engine, idPrefix: string): Promise<void> {
  await Promise.all(
    Array.from({ length: CHUNK }, (_, index) =>
      engine.publish(nameOf(index), TOPIC, { messageId: `${idPrefix}-${index}`, payload: PAYLOAD }),
    ),
  );
}

/** From `resume` until so many runs are committed. */
async function runChunk(engine: Engine): Promise<void> {
  const committed = new Countdown(CHUNK);
  const unsubscribe = engine.on("run:changed", ({ status }) => {
    if (status === "committed") committed.count();
  });
  await forEachWorkflow((name) => engine.resume(name));
  await committed.ended;
  unsubscribe();
}

async function writePendingEvents(database: SqliteDatabase, pending: number): Promise<void> {
  const at = Date.now();
  // Two UUIDs for each: of the event and of the input that it comes from.
  const id = (kind: string) => sql.raw(`printf('%012x-7${kind}00-8000-%012x', ${at} + n / 100, n)`);
  const payload = JSON.stringify(PAYLOAD);
  for (let first = 0; first < pending; first += BATCH) {
    const last = Math.min(first + BATCH, pending) - 1;
    const numbers = sql.raw(
      `with recursive numbers (n) as (select ${first} union all select n + 1 from numbers where n < ${last})`,
    );
    // As text: a bound number is a floating-point one to SQLite, and so would be the end of the name.
    const from = sql.raw(`from numbers join workflows w on w.name = 'bench-' || (n % ${WORKFLOWS})
      join topics t on t.workflow_id = w.id`);
    await database.transaction(async ({ executor }) => {
      await sql`insert into inputs ${numbers} select ${id("1")}, w.id, 'publish', ${TOPIC}, printf('b-%d', n), 'backlog', 'active', null, ${at}, ${at} ${from}`.execute(
        executor,
      );
      await sql`insert into events ${numbers} select ${id("2")}, t.id, w.id, printf('b-%d', n), ${payload}, 'pending', null, null, 1, ${at}, ${at} ${from}`.execute(
        executor,
      );
      await sql`insert into event_inputs ${numbers} select ${id("2")}, ${id("1")} from numbers`.execute(executor);
    });
  }
  await database.transaction(({ executor }) => sql`analyze`.execute(executor));
}

const nameOf = (index: number) => `bench-${index % WORKFLOWS}`;
const definitions = (ledger?: ReturnType<typeof defineLedger>) =>
  Array.from({ length: WORKFLOWS }, (_, index) => workflowOf(index, ledger));
const forEachWorkflow = (work: (name: string) => Promise<void>) =>
  Promise.all(Array.from({ length: WORKFLOWS }, (_, index) => work(nameOf(index))));
const locationIn = (folder: string) => `sqlite:${join(folder, "long.sqlite")}`;
const historyIn = (folder: string) => join(folder, "history.json");
