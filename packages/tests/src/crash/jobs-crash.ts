/**
 * `pnpm crash jobs`: kills an engine with jobs by SIGKILL at random moments, starts it again each time, and checks at the
 * end that every tick has its one record and that nothing which may happen once happened twice.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createStores,
  DEFAULT_PLATFORM_ID,
  openDatabase,
  type Job,
  type JobExecution,
  type Stores,
} from "@millrace/db";
import { AT_LEAST_ONCE, AT_MOST_ONCE, CRON, EVENT } from "./jobs-world.ts";
import type { SeededRandom } from "./seeded-random.ts";

const PROCESS = fileURLToPath(new URL("jobs-process.ts", import.meta.url));
/** How long a life goes on after its engine has started. */
const LONGEST_LIFE_MS = 700;
/** How long starting takes at the most, within which some lives end. */
const START_UP_MS = 450;
/** Who has not started by then is stuck. */
const MOST_START_UP_MS = 20_000;
/** How far the last tick may lie behind the pause, in simulated milliseconds. */
const LAG_MS = 30_000;
/** How long asking for a job takes at the most, in simulated milliseconds. */
const ASKING_MS = 500;
const ALL = 1_000_000;

interface Ground {
  folder: string;
  database: string;
  began: number;
}

/** What was found; every list must be empty. */
export interface JobsReport {
  kills: number;
  ticks: number;
  effects: number;
  acknowledged: number;
  lostWorkers: number;
  held: number;
  missingTicks: string[];
  doubledEffects: string[];
  missingEffects: string[];
  lostAcknowledgements: string[];
  unfinished: string[];
}

export async function crashJobs(cycles: number, random: SeededRandom, keep: boolean): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-crash-jobs-"));
  const ground: Ground = { folder, database: join(folder, "millrace.sqlite"), began: Date.now() };
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    await liveAndDie(ground, random);
    if (cycle % 20 === 0) console.log(`  ${cycle} kills, ${lines(ground, "effects").length} effects`);
  }
  await lastLife(ground);
  const report = await check(ground, cycles);
  print(report);
  const failed = [
    report.missingTicks,
    report.doubledEffects,
    report.missingEffects,
    report.lostAcknowledgements,
    report.unfinished,
  ].some((found) => found.length > 0);
  if (keep || failed) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true });
  return failed;
}

function start({ database, folder, began }: Ground, mode: "live" | "drain") {
  const program = [...process.execArgv, PROCESS, database, folder, String(began), mode];
  return spawn(process.execPath, program, { stdio: ["ignore", "pipe", "pipe"] });
}

/** One life, to a kill at a random moment: during start-up, or so long after the engine has said that it runs. */
async function liveAndDie(ground: Ground, random: SeededRandom): Promise<void> {
  const child = start(ground, "live");
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = () => child.kill("SIGKILL");
  let timer: NodeJS.Timeout;
  if (random.chance(0.2)) {
    timer = setTimeout(kill, random.between(0, START_UP_MS));
    child.stdout.resume();
  } else {
    const lifeMs = random.between(0, LONGEST_LIFE_MS);
    timer = setTimeout(kill, START_UP_MS + MOST_START_UP_MS);
    child.stdout.once("data", () => {
      clearTimeout(timer);
      timer = setTimeout(kill, lifeMs);
    });
  }
  let errors = "";
  child.stderr.on("data", (piece) => (errors += String(piece)));
  await ended;
  clearTimeout(timer);
  if (child.signalCode !== "SIGKILL") throw new Error(`A life ended by itself: ${errors}`);
}

async function lastLife(ground: Ground): Promise<void> {
  const child = start(ground, "drain");
  child.stdout.resume();
  let errors = "";
  child.stderr.on("data", (piece) => (errors += String(piece)));
  const code = await new Promise<number | null>((resolve) => child.once("exit", (exitCode) => resolve(exitCode)));
  if (code !== 0) throw new Error(`The last life ended with ${code}: ${errors}`);
}

async function check(ground: Ground, kills: number): Promise<JobsReport> {
  const database = await openDatabase(`sqlite:${ground.database}`, { create: false });
  const stores = createStores(database);
  const effects = countEffects(ground);
  const report: JobsReport = {
    kills,
    ticks: 0,
    effects: [...effects.values()].reduce((sum, count) => sum + count, 0),
    acknowledged: 0,
    lostWorkers: 0,
    held: 0,
    missingTicks: [],
    doubledEffects: [],
    missingEffects: [],
    lostAcknowledgements: [],
    unfinished: [],
  };
  for (const name of AT_MOST_ONCE) await checkTicking(stores, effects, report, name, 1_000, true);
  for (const name of AT_LEAST_ONCE) await checkTicking(stores, effects, report, name, 1_000, false);
  await checkTicking(stores, effects, report, CRON, 2_000, true);
  await checkAcknowledged(ground, stores, effects, report);
  await database.close();
  return report;
}

async function checkTicking(
  stores: Stores,
  effects: ReadonlyMap<string, number>,
  report: JobsReport,
  name: string,
  everyMs: number,
  atMostOnce: boolean,
): Promise<void> {
  const job = await jobOf(stores, name);
  if (!job) return void report.missingTicks.push(`${name}: there is no such job`);
  const executions = (await stores.jobHistory.list(job.id, { limit: ALL })).toReversed();
  report.ticks += executions.length;
  const times = executions.map(({ scheduledAt }) => scheduledAt);
  const first = firstTick(job, everyMs, times[0]);
  const expected = Array.from({ length: times.length }, (_, index) => first + index * everyMs);
  const missing = expected.filter((time, index) => times[index] !== time);
  report.missingTicks.push(...missing.slice(0, 5).map((time) => `${name} ${new Date(time).toISOString()}`));
  const lag = (job.pausedAt ?? Number.POSITIVE_INFINITY) - (times.at(-1) ?? 0);
  if (lag > LAG_MS) report.missingTicks.push(`${name}: the last tick lies ${lag} ms behind the pause`);
  for (const execution of executions) checkExecution(job, execution, effects, report, atMostOnce);
}

/**
 * The first tick is the first of the grid at or after the moment at which the job was asked for. That moment is not known,
 * but it was no longer before the job was written than asking takes.
 */
function firstTick({ createdAt }: Job, everyMs: number, found: number | undefined): number {
  const afterWriting = Math.ceil(createdAt / everyMs) * everyMs;
  const beforeWriting = afterWriting - everyMs;
  return found === beforeWriting && createdAt - beforeWriting <= ASKING_MS ? beforeWriting : afterWriting;
}

function checkExecution(
  { name }: Job,
  { scheduledAt, status, errorType, idempotencyKey, waitsFor }: JobExecution,
  effects: ReadonlyMap<string, number>,
  report: JobsReport,
  atMostOnce: boolean,
): void {
  const happened = effects.get(idempotencyKey) ?? 0;
  const what = `${name} ${new Date(scheduledAt).toISOString()} (${status})`;
  const lost = status === "failed" && errorType === "WorkerLost";
  const held = status === "pending" && waitsFor === "resume";
  if (lost) report.lostWorkers += 1;
  if (held) report.held += 1;
  if (atMostOnce && happened > 1) report.doubledEffects.push(what);
  if (status === "success" && happened === 0) report.missingEffects.push(what);
  if (status !== "success" && !held && !(lost && atMostOnce)) report.unfinished.push(what);
}

/** What was acknowledged is there; what is there has an effect, unless its worker was lost. */
async function checkAcknowledged(
  ground: Ground,
  stores: Stores,
  effects: ReadonlyMap<string, number>,
  report: JobsReport,
): Promise<void> {
  const job = await jobOf(stores, EVENT);
  const ofEvents = job ? await stores.jobHistory.list(job.id, { limit: ALL }) : [];
  const byEvent = new Map(ofEvents.map((execution) => [execution.eventId, execution]));
  for (const id of lines(ground, "events")) {
    report.acknowledged += 1;
    if (!byEvent.has(id)) report.lostAcknowledgements.push(`event ${id}`);
  }
  for (const execution of ofEvents) if (job) checkExecution(job, execution, effects, report, true);
  for (const id of lines(ground, "once")) {
    report.acknowledged += 1;
    const once = await jobOf(stores, `once-${id}`);
    const [execution, ...others] = once ? await stores.jobHistory.list(once.id) : [];
    if (once && execution && others.length === 0) checkExecution(once, execution, effects, report, true);
    else report.lostAcknowledgements.push(`job once-${id}`);
  }
}

function jobOf(stores: Stores, key: string): Promise<Job | null> {
  return stores.jobs.findByKey(DEFAULT_PLATFORM_ID, key);
}

function countEffects(ground: Ground): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines(ground, "effects")) {
    const key = line.split(" ")[2] ?? "";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function lines({ folder }: Ground, name: string): string[] {
  const path = join(folder, name);
  // A kill in the middle of a line leaves one without an end, which says nothing.
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

function print(report: JobsReport): void {
  const some = (found: readonly string[]) =>
    found.length === 0 ? "0" : `${found.length}  (${found.slice(0, 5).join(", ")})`;
  console.log(`\nkills                        ${report.kills}`);
  console.log(`ticks                        ${report.ticks}, of which held by the pause at the end: ${report.held}`);
  console.log(`events and jobs acknowledged ${report.acknowledged}`);
  console.log(`effects                      ${report.effects}`);
  console.log(`ended as lost with a worker  ${report.lostWorkers} (at most once: not tried again)`);
  console.log(`ticks lost or doubled        ${some(report.missingTicks)}`);
  console.log(`at-most-once effects doubled ${some(report.doubledEffects)}`);
  console.log(`successes without an effect  ${some(report.missingEffects)}`);
  console.log(`acknowledged and lost        ${some(report.lostAcknowledgements)}`);
  console.log(`neither ended nor held       ${some(report.unfinished)}`);
}
