/** Jobs on a bench: an engine on a clock that stands still, and handlers that do what the test says. */
import {
  type Engine,
  type EngineOptions,
  type JobContext,
  type JobExecution,
  type JobHandler,
  type Scheduler,
} from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase, type TestDatabase } from "@millrace/agent/testing";
import { createStores, type CommitHooks, type JobId, type SqliteDatabase, type Stores } from "@millrace/db";

/** One call of a handler, which ends when the test says so. */
export interface Call {
  payload: unknown;
  context: JobContext;
  /** When it began, by the clock. */
  at: number;
  succeed(result?: unknown): void;
  fail(error: unknown): void;
}

/** A handler with all its calls. */
export interface Recorded extends JobHandler {
  calls: Call[];
}

type Behaviour = (payload: unknown, context: JobContext, call: number) => unknown;

/** A handler that notes its calls and does what it is told; by default it succeeds with its payload. */
export function recorded(
  name: string,
  behave: Behaviour = (payload) => payload,
  more: Partial<JobHandler> = {},
): Recorded {
  const calls: Call[] = [];
  const nothing = () => undefined;
  return {
    name,
    calls,
    ...more,
    handler(payload, context) {
      calls.push({ payload, context, at: context.now(), succeed: nothing, fail: nothing });
      return behave(payload, context, calls.length);
    },
  };
}

/** A handler whose every call waits until the test settles it. It ignores its signal unless `heeds` it. */
export function held(
  name: string,
  { heeds = false, ...more }: Partial<JobHandler> & { heeds?: boolean } = {},
): Recorded {
  const calls: Call[] = [];
  return {
    name,
    calls,
    ...more,
    handler: (payload, context) =>
      new Promise((resolve, reject) => {
        calls.push({ payload, context, at: context.now(), succeed: resolve, fail: reject });
        if (heeds) context.signal.addEventListener("abort", () => reject(context.signal.reason as Error));
      }),
  };
}

export interface Bench {
  engine: Engine;
  jobs: Scheduler;
  clock: FakeClock;
  database: SqliteDatabase;
  stores: Stores;
  advance(duration: string): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** A job's executions, the earliest first. */
  history(jobId: string): Promise<JobExecution[]>;
  /** Their statuses. */
  statuses(jobId: string): Promise<string[]>;
  /** The decisions about its ticks, the earliest first, each as "fired", or "missed 5". */
  decisions(jobId: string): Promise<string[]>;
  /** The open notifications of a job, as "kind: message". */
  notices(jobId: string): Promise<string[]>;
  /** Stops the engine; gives what is in the database. */
  stop(): Promise<Buffer>;
  /** Leaves the engine as it is, as a process that dies; gives what is in the database. */
  drop(): Buffer;
  /** Forgets an engine whose database is dead. */
  bury(): Promise<void>;
  close(): Promise<void>;
}

export interface BenchOptions extends Omit<EngineOptions, "database" | "clock" | "jobHandlers"> {
  clock?: FakeClock;
  image?: Buffer;
  hooks?: CommitHooks;
  /** Default true. */
  start?: boolean;
}

const open = new Set<Bench>();

/** Starts an engine with these handlers. */
export async function openBench(handlers: readonly JobHandler[], options: BenchOptions = {}): Promise<Bench> {
  const { clock = new FakeClock(), image, hooks, start = true, ...engineOptions } = options;
  const database = await openTestDatabase(clock, { ...(image && { image }), ...(hooks && { hooks }) });
  const bench = benchOf(database, clock, { ...engineOptions, jobHandlers: handlers });
  if (start) await bench.engine.start();
  return bench;
}

function benchOf(
  testDatabase: TestDatabase,
  clock: FakeClock,
  options: Omit<EngineOptions, "database" | "clock">,
): Bench {
  const test = attachTestEngine(testDatabase, clock, options);
  const { engine, database } = test;
  const stores = createStores(database);
  const history = async (jobId: string) => {
    const { items } = await engine.jobs.getJobHistory(jobId, { limit: 1_000 });
    return items.toSorted((a, b) => a.scheduledAt - b.scheduledAt || a.id.localeCompare(b.id));
  };
  const bench: Bench = {
    engine,
    jobs: engine.jobs,
    clock,
    database,
    stores,
    history,
    advance: (duration) => test.advance(duration),
    settle: () => test.advance("0ms"),
    statuses: async (jobId) => (await history(jobId)).map(({ status }) => status),
    async decisions(jobId) {
      const decisions = await engine.jobs.listDecisions(jobId, { limit: 1_000 });
      return decisions.toReversed().map(({ decision, count }) => (count === 1 ? decision : `${decision} ${count}`));
    },
    async notices(jobId) {
      // An id that the test has been given.
      const notices = await stores.notifications.listOpenOfJob(jobId as JobId);
      return notices.map(({ kind, message }) => `${kind}: ${message}`);
    },
    async stop() {
      await engine.stop();
      return database.serialise();
    },
    drop: () => database.serialise(),
    async bury() {
      open.delete(bench);
      await database.close();
    },
    async close() {
      open.delete(bench);
      await stopWithTime(engine, clock);
      await database.close();
    },
  };
  open.add(bench);
  return bench;
}

/** Stops an engine whose handlers may hang: time passes while it does. */
export async function stopWithTime(engine: Engine, clock: FakeClock): Promise<void> {
  const state = { stopped: false };
  const stopping = engine.stop().finally(() => {
    state.stopped = true;
  });
  while (!state.stopped) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (!state.stopped) clock.fireNext(Number.MAX_SAFE_INTEGER);
  }
  await stopping;
}

/** Lets the event loop turn so often. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass while the engine has no more to do at any moment of it, or until something says to end. */
export async function passTime({ engine, clock }: Bench, until: number, isOver = () => false): Promise<void> {
  do {
    for (let turn = 0; turn < 500 && !engine.isIdle && !isOver(); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  } while (!isOver() && clock.fireNext(until));
}

/** Closes what a test has left open. */
export async function closeBenches(): Promise<void> {
  for (const bench of open) await bench.close();
}

/** The times of calls, as ISO 8601 without the date and the zone. */
export const times = ({ calls }: Recorded) => calls.map(({ at }) => new Date(at).toISOString().slice(11, 19));

/** A hook that stops the database dead at one commit, and says when. */
export function crashAt(last: number, moment: "before" | "after") {
  let commits = 0;
  let dead = false;
  let announce: (value: "crashed") => void = () => undefined;
  const crashed = new Promise<"crashed">((resolve) => {
    announce = resolve;
  });
  const pass = (): "continue" | "crash" => {
    if (dead) return "crash";
    commits += 1;
    if (commits < last) return "continue";
    dead = true;
    announce("crashed");
    return "crash";
  };
  const hooks: CommitHooks =
    moment === "before"
      ? { beforeCommit: pass }
      : { afterCommit: pass, beforeCommit: () => (dead ? "crash" : "continue") };
  return {
    hooks,
    crashed,
    get commits() {
      return commits;
    },
    get isDead() {
      return dead;
    },
  };
}
