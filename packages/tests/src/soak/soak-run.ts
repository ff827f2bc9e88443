/** Simulated hours of a busy world on a real file, one sample at the end of each. */
import { join } from "node:path";
import { createEngine, type Engine } from "@millrace/agent";
import { FakeClock, openTestDatabase } from "@millrace/agent/testing";
import type { SqliteDatabase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import { SeededRandom } from "../crash/seeded-random.ts";
import { census, countDescriptors, measureHeap, type Census } from "./soak-census.ts";
import { bringBurst, bringWork, decideAll, scheduleJobs, SOAK_POLICY, soakWorld } from "./soak-world.ts";

const QUARTER = 15 * 60_000;
const HOUR = 4 * QUARTER;
/** In every fourth hour much comes at once; in one of them somebody reads the database all the time. */
const BURST_EVERY = 4;
const HOUR_OF_READER = 20;

export interface SoakSample {
  hour: number;
  /** `restarted`: the engine is stopped, its database closed. `running`: it goes on. */
  state: "restarted" | "running";
  /** Somebody reads in this hour what the log would replace. */
  hasReader: boolean;
  runs: number;
  /** Rows by table. */
  rows: Record<string, number>;
  fileBytes: number;
  /** Of them, what is empty. */
  freeBytes: number;
  walBytes: number;
  heapBytes: number;
  descriptors: number | null;
  /** Timers of the clock that have not fired. */
  timers: number;
  /** Engines that were stopped and are still in memory. */
  leftEngines: number;
  /** What the engine holds when it is idle. */
  held: Census;
}

export interface SoakOptions {
  folder: string;
  hours: number;
  seed: number;
  /** After so many hours the engine is not started anew any more. */
  restartedHours: number;
  onSample: (sample: SoakSample) => void;
}

/** A fake clock that knows how many of its timers wait. */
class CountingClock extends FakeClock {
  waiting = 0;

  override setTimer(delayMs: number, callback: () => void): () => void {
    this.waiting += 1;
    let isOver = false;
    const settle = () => {
      if (!isOver) this.waiting -= 1;
      isOver = true;
    };
    const cancel = super.setTimer(delayMs, () => {
      settle();
      callback();
    });
    return () => {
      settle();
      cancel();
    };
  }
}

/** The path of the database. */
const databasePath = (folder: string) => join(folder, "soak.sqlite");

/** What the whole run keeps. */
interface Soak {
  options: SoakOptions;
  clock: CountingClock;
  random: SeededRandom;
  /** Every engine that was stopped. */
  stopped: WeakRef<Engine>[];
}

interface Life {
  engine: Engine;
  database: SqliteDatabase;
}

export async function runSoak(options: SoakOptions): Promise<void> {
  const { hours, seed, restartedHours, onSample } = options;
  const clock = new CountingClock("2026-01-01T00:00:00Z");
  const soak: Soak = { options, clock, random: new SeededRandom(seed), stopped: [] };
  let life: Life | null = null;
  for (let hour = 1; hour <= hours; hour += 1) {
    life ??= await begin(soak);
    const seen = await liveHour(soak, life, hour);
    const isRestarted = hour <= restartedHours;
    if (isRestarted) {
      await end(life);
      soak.stopped.push(new WeakRef(life.engine));
      life = null;
    }
    onSample({ hour, state: isRestarted ? "restarted" : "running", ...seen, ...(await measureProcess(soak)) });
  }
  if (life) await end(life);
}

/** What is seen of an hour while the engine is there. */
async function liveHour(
  soak: Soak,
  life: Life,
  hour: number,
): Promise<Pick<SoakSample, "hasReader" | "runs" | "rows" | "fileBytes" | "freeBytes" | "walBytes" | "held">> {
  const reader = hour === HOUR_OF_READER ? beginReading(databasePath(soak.options.folder)) : null;
  await passHour(soak, life, hour);
  const held = census(life.engine);
  const rows = await countRows(life.database);
  const { sizeBytes: fileBytes, freeBytes, logBytes: walBytes } = await life.database.statistics();
  reader?.close();
  return { hasReader: reader !== null, runs: rows["handler_runs"] ?? 0, rows, fileBytes, freeBytes, walBytes, held };
}

async function measureProcess({ clock, stopped }: Soak) {
  return {
    heapBytes: await measureHeap(),
    descriptors: countDescriptors(),
    timers: clock.waiting,
    leftEngines: stopped.filter((engine) => engine.deref() !== undefined).length,
  };
}

async function begin({ options, clock, random }: Soak): Promise<Life> {
  const { database } = await openTestDatabase(clock, { location: `sqlite:${databasePath(options.folder)}` });
  const { workflows, jobHandlers } = soakWorld(random);
  const engine = createEngine({
    database,
    clock,
    workflows,
    jobHandlers,
    random: () => random.next(),
    policy: SOAK_POLICY,
  });
  await engine.start();
  await scheduleJobs(engine);
  return { engine, database };
}

async function end({ engine, database }: Life): Promise<void> {
  await engine.stop();
  await database.close();
}

async function passHour({ clock, random }: Soak, { engine }: Life, hour: number): Promise<void> {
  for (let quarter = 0; quarter < HOUR / QUARTER; quarter += 1) {
    const label = `${hour}-${quarter}`;
    await bringWork(engine, random, label);
    if (quarter === 1 && hour % BURST_EVERY === 0) await bringBurst(engine, label);
    await passTime(engine, clock, clock.now() + QUARTER);
    await decideAll(engine, random);
  }
  await engine.whenIdle();
}

async function passTime(engine: Engine, clock: CountingClock, until: number): Promise<void> {
  do await engine.whenIdle();
  while (clock.fireNext(until));
  clock.jumpTo(until);
}

/** Somebody looks at the database as it is now, for as long as the connection is open. */
function beginReading(path: string): BetterSqlite3.Database {
  const reader = new BetterSqlite3(path, { readonly: true });
  reader.exec("begin");
  reader.prepare("select count(*) from sqlite_master").get();
  return reader;
}

async function countRows(database: SqliteDatabase): Promise<Record<string, number>> {
  return database.read(async (executor) => {
    const { rows: tables } = await sql<{ name: string }>`
      select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name`.execute(executor);
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(executor);
      counts[name] = rows[0]?.count ?? 0;
    }
    return counts;
  });
}
