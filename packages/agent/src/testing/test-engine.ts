/** An engine on a database in memory and a clock that stands still: what it does is up to the test. */
import { createIdSource, openDatabase, type CommitHooks, type SqliteDatabase } from "@millrace/db";
import { createEngine, type Engine, type EngineOptions } from "../engine.ts";
import { parseDuration } from "../schedule/duration.ts";
import { FakeClock } from "./fake-clock.ts";

export interface TestDatabaseOptions {
  /** Default `sqlite::memory:`. */
  location?: string;
  /** The content of an earlier database in memory to start from. */
  image?: Buffer;
  hooks?: CommitHooks;
}

/** A database whose ids follow the clock, and which counts its commits. */
export interface TestDatabase {
  readonly database: SqliteDatabase;
  readonly commits: () => number;
}

export async function openTestDatabase(clock: FakeClock, options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { location = "sqlite::memory:", image, hooks = {} } = options;
  let commits = 0;
  const counting: CommitHooks = {
    ...hooks,
    beforeCommit: (names, awaitsDisk) => {
      commits += 1;
      return hooks.beforeCommit?.(names, awaitsDisk) ?? "continue";
    },
  };
  const newId = createIdSource({ now: () => clock.now() });
  const database = await openDatabase(location, { newId, hooks: counting, ...(image && { image }) });
  return { database, commits: () => commits };
}

export interface TestEngineOptions extends Omit<EngineOptions, "database" | "clock">, TestDatabaseOptions {
  clock?: FakeClock;
}

export interface TestEngine {
  readonly engine: Engine;
  readonly clock: FakeClock;
  readonly database: SqliteDatabase;
  /** Resolves when nothing runs and nothing is ready; time does not move. */
  runUntilIdle(): Promise<void>;
  /** Moves the time by a duration ("90s", "1h", "1d"), stopping at each timer on the way until nothing happens there. */
  advance(duration: string): Promise<void>;
  /** Stops the engine and closes the database. */
  close(): Promise<void>;
}

/**
 * After so many turns of the event loop, and so many real milliseconds, without a sign of life only the clock can make
 * something happen. Real I/O of a connector (a synced file, a request on loopback) takes less, also on a disk that stalls for
 * a quarter of a second now and then.
 */
const QUIET_TURNS = 50;
const QUIET_MS = 300;

/** Creates and starts an engine for a test. Retries have no jitter unless `random` is given. */
export async function createTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { location, image, hooks, clock = new FakeClock(), ...engineOptions } = options;
  const database = await openTestDatabase(clock, {
    ...(location && { location }),
    ...(image && { image }),
    ...(hooks && { hooks }),
  });
  const testEngine = attachTestEngine(database, clock, engineOptions);
  await testEngine.engine.start();
  return testEngine;
}

/** Creates an engine for a test on a database that is open; it is not started. */
export function attachTestEngine(
  { database, commits }: TestDatabase,
  clock: FakeClock,
  options: Omit<EngineOptions, "database" | "clock">,
): TestEngine {
  const engine = createEngine({ random: () => 0.5, ...options, database, clock });
  const settle = () => untilQuiet(engine, () => commits() + clock.timersSet);
  return {
    engine,
    clock,
    database,
    runUntilIdle: () => engine.whenIdle(),
    async advance(duration) {
      const milliseconds = parseDuration(duration);
      if (milliseconds === null) throw new RangeError(`"${duration}" is not a duration such as "90s", "1h" or "1d".`);
      const until = clock.now() + milliseconds;
      await settle();
      while (clock.fireNext(until)) await settle();
      clock.jumpTo(until);
    },
    async close() {
      await engine.stop();
      await database.close();
    },
  };
}

/** Lets the event loop turn until the engine is idle, or shows no sign of life: then it waits for the time to move. */
async function untilQuiet(engine: Engine, signsOfLife: () => number): Promise<void> {
  let turns = 0;
  let since = performance.now();
  let seen = signsOfLife();
  while (turns < QUIET_TURNS || performance.now() - since < QUIET_MS) {
    await new Promise((resolve) => setImmediate(resolve));
    if (engine.isIdle) return;
    turns += 1;
    const now = signsOfLife();
    if (now === seen) continue;
    [turns, since, seen] = [0, performance.now(), now];
  }
}
