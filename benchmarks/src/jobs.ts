/** Jobs: how fast they are taken in and run, how late they start, and what a large schedule costs. synchronous = FULL. */
import { createEngine, defineJobHandler, type Engine, type JobContext } from "@millrace/agent";
import type { SqliteDatabase } from "@millrace/db";
import { median, withTemporaryDatabase } from "./temporary-database.ts";

export interface ThroughputResult {
  jobs: number;
  callers: number;
  rounds: number;
  /** One-time jobs acknowledged as durable, by so many callers at once. */
  enqueuedPerSecond: number;
  /** Executions whose success is on disk, with their history kept. */
  executedPerSecond: number;
  commitsPerExecution: number;
}

export interface LatencyResult {
  probes: number;
  /** Trivial jobs enqueued and run beside the probes. */
  loadPerSecond: number;
  /** From the due time to the call of the handler, in milliseconds. */
  p50Ms: number;
  p99Ms: number;
}

export interface LargeScheduleResult {
  scheduled: number;
  due: number;
  /** From the moment at which they are due to the end of the last execution, in milliseconds. */
  wallMs: number;
  /** Of the process, from before they are due until then, in milliseconds. */
  cpuMs: number;
  startUpMs: number;
}

const CALLERS = 100;

export const trivial = defineJobHandler({ name: "trivial", handler: () => undefined });

export async function measureThroughput(jobs: number, rounds: number): Promise<ThroughputResult> {
  const measured = [];
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const result = await measureThroughputRound(jobs);
    if (round > 0) measured.push(result);
  }
  return {
    jobs,
    callers: CALLERS,
    rounds,
    enqueuedPerSecond: Math.round(median(measured.map(({ enqueued }) => enqueued))),
    executedPerSecond: Math.round(median(measured.map(({ executed }) => executed))),
    commitsPerExecution: Number(median(measured.map(({ commits }) => commits)).toFixed(3)),
  };
}

/** Takes in and runs so many once, in a database of its own: both rates are a second, commits for each execution. */
export async function measureThroughputRound(
  jobs: number,
): Promise<{ enqueued: number; executed: number; commits: number }> {
  let commits = 0;
  const beforeCommit = () => {
    commits += 1;
    return "continue" as const;
  };
  return withTemporaryDatabase(
    async (database) => {
      const engine = createEngine({ database, jobHandlers: [trivial] });
      const enqueueing = performance.now();
      await enqueue(engine, jobs);
      const enqueued = (jobs * 1_000) / (performance.now() - enqueueing);
      commits = 0;
      const running = performance.now();
      await engine.start();
      await engine.whenIdle();
      const executed = (jobs * 1_000) / (performance.now() - running);
      const commitsPerExecution = commits / jobs;
      await assertDone(engine, jobs);
      await engine.stop();
      return { enqueued, executed, commits: commitsPerExecution };
    },
    { beforeCommit },
  );
}

/** Callers that each wait for the acknowledgement of one job before they ask for the next. */
async function enqueue(engine: Engine, jobs: number): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < jobs) {
      next += 1;
      await engine.jobs.scheduleOnce({ name: "trivial", handler: "trivial" });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** A figure for work that was not done would be worse than none. */
async function assertDone(engine: Engine, jobs: number): Promise<void> {
  const { jobs: byStatus, lastHour } = await engine.jobs.getMetrics();
  if (byStatus.completed !== jobs || lastHour.success !== jobs)
    throw new Error(`${byStatus.completed} of ${jobs} jobs were completed, ${lastHour.success} executions succeeded`);
}

/** Probes that are due at times of their own, beside a steady stream of other jobs. */
export async function measureLatency(probes: number, loadPerSecond: number): Promise<LatencyResult> {
  return withTemporaryDatabase(async (database) => {
    const lateness: number[] = [];
    const probe = defineJobHandler({
      name: "probe",
      handler: (_payload, { scheduledAt }: JobContext) => void lateness.push(Date.now() - scheduledAt),
    });
    const engine = createEngine({ database, jobHandlers: [trivial, probe] });
    await engine.start();
    const spanMs = 10_000;
    const begin = Date.now() + 2_000;
    const at = (index: number) => begin + Math.floor((index * spanMs) / probes);
    await Promise.all(
      Array.from({ length: probes }, (_, index) =>
        engine.jobs.scheduleOnce({ name: "probe", handler: "probe", at: at(index), priority: 10 }),
      ),
    );
    await applyLoad(engine, loadPerSecond, begin, begin + spanMs);
    while (lateness.length < probes) await new Promise((resolve) => setTimeout(resolve, 50));
    await engine.whenIdle();
    await engine.stop();
    const sorted = lateness.toSorted((a, b) => a - b);
    const rank = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
    return { probes, loadPerSecond, p50Ms: rank(0.5), p99Ms: rank(0.99) };
  });
}

async function applyLoad(engine: Engine, perSecond: number, from: number, until: number): Promise<void> {
  const tickMs = 10;
  let owed = 0;
  let last = from;
  while (Date.now() < from) await new Promise((resolve) => setTimeout(resolve, 1));
  while (Date.now() < until) {
    const now = Date.now();
    owed += ((now - last) * perSecond) / 1_000;
    last = now;
    const batch = Math.floor(owed);
    owed -= batch;
    await Promise.all(
      Array.from({ length: batch }, () => engine.jobs.scheduleOnce({ name: "trivial", handler: "trivial" })),
    );
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
}

/** What ten due jobs cost among so many that are not due. */
export async function measureLargeSchedule(scheduled: number, rounds: number): Promise<LargeScheduleResult> {
  const due = 10;
  return withTemporaryDatabase(async (database) => {
    await fillSchedule(database, scheduled);
    let ran = 0;
    let onLast: () => void = () => undefined;
    const counted = defineJobHandler({
      name: "counted",
      handler: () => {
        ran += 1;
        if (ran === due) onLast();
      },
    });
    const engine = createEngine({ database, jobHandlers: [trivial, counted] });
    const starting = performance.now();
    await engine.start();
    await engine.whenIdle();
    const startUpMs = Math.round(performance.now() - starting);
    const measured: { wall: number; cpu: number }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const at = Date.now() + 200;
      ran = 0;
      const last = new Promise<void>((resolve) => (onLast = resolve));
      for (let index = 0; index < due; index += 1) {
        await engine.jobs.scheduleOnce({ name: "due", handler: "counted", at });
      }
      const cpuBefore = process.cpuUsage();
      await last;
      await engine.whenIdle();
      const { user, system } = process.cpuUsage(cpuBefore);
      if (round > 0) measured.push({ wall: Date.now() - at, cpu: (user + system) / 1_000 });
    }
    await engine.stop();
    return {
      scheduled,
      due,
      wallMs: median(measured.map(({ wall }) => wall)),
      cpuMs: Number(median(measured.map(({ cpu }) => cpu)).toFixed(1)),
      startUpMs,
    };
  });
}

/** Jobs that are due in a month. */
export async function fillSchedule(database: SqliteDatabase, scheduled: number): Promise<void> {
  const engine = createEngine({ database, jobHandlers: [trivial] });
  const at = Date.now() + 30 * 24 * 60 * 60 * 1_000;
  for (let from = 0; from < scheduled; from += 1_000) {
    const batch = Math.min(1_000, scheduled - from);
    await Promise.all(
      Array.from({ length: batch }, (_, index) =>
        engine.jobs.scheduleOnce({ name: `later ${from + index}`, handler: "trivial", at: at + from + index }),
      ),
    );
  }
}
