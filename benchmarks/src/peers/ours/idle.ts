/** What an engine costs that has much to remember and nothing to do. */
import { join } from "node:path";
import { createEngine } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { CountingClock, sleeper } from "../../idle-scheduler.ts";
import { fillSchedule, trivial } from "../../jobs.ts";
import type { Measurement } from "../contestant.ts";
import { pause } from "../timing.ts";

interface IdleOptions {
  folder: string;
  workflows: number;
  jobs: number;
}

/** Start-up leaves much to be collected, which is no cost of being idle; in milliseconds. */
const SETTLE_MS = 5_000;

/** Deploys the workflows, ends their first runs and schedules the jobs. */
export async function prepareIdle({ folder, workflows, jobs }: IdleOptions): Promise<Measurement> {
  const database = await openDatabase(locationIn(folder));
  await fillSchedule(database, jobs);
  const engine = createEngine({ database, workflows: sleepers(workflows), jobHandlers: [trivial] });
  const start = performance.now();
  await engine.start();
  await engine.whenIdle();
  const firstStartMs = performance.now() - start;
  await engine.stop();
  await database.close();
  return { units: workflows + jobs, firstStartMs };
}

/** Starts an engine on them again, and lets it rest. */
export async function measureLargeIdle(options: IdleOptions & { seconds: number }): Promise<Measurement> {
  const { folder, workflows, jobs, seconds } = options;
  const definitions = sleepers(workflows);
  const clock = new CountingClock();
  const start = performance.now();
  const database = await openDatabase(locationIn(folder));
  const engine = createEngine({ database, clock, workflows: definitions, jobHandlers: [trivial] });
  await engine.start();
  await engine.whenIdle();
  const startUpMs = performance.now() - start;
  await pause(SETTLE_MS);
  const firedBefore = clock.fired;
  const cpuBefore = process.cpuUsage();
  await pause(seconds * 1_000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const wakeUps = clock.fired - firedBefore;
  const rssMegabytes = process.memoryUsage.rss() / 1024 / 1024;
  await engine.stop();
  await database.close();
  const cpuPercent = (user + system) / 10_000 / seconds;
  return { units: workflows + jobs, startUpMs, cpuPercent, wakeUps, rssMegabytes };
}

const sleepers = (count: number) => Array.from({ length: count }, (_, index) => sleeper(index));
const locationIn = (folder: string) => `sqlite:${join(folder, "idle.sqlite")}`;
