/** Recovery: an engine with 100,000 pending events is killed again and again; how soon does the next one work? */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import { writePendingEvents } from "./recovery-rows.ts";
import { withTemporaryFile } from "./temporary-database.ts";

/** Of one part of the way, in milliseconds. */
export interface Spread {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface RecoveryResult {
  /** Lives that were killed at work, each followed by a start that was measured. */
  kills: number;
  /** Lives that were killed before they had started. */
  killsDuringStart: number;
  /** The fewest pending events that a start found. */
  pendingEvents: number;
  /** What all starts found together: runs under way, calls of unknown outcome, attempts of jobs. */
  crashedRuns: number;
  uncertainMutations: number;
  interruptedSessions: number;
  /** Of `openDatabase`, and of `engine.start()`. */
  open: Spread;
  start: Spread;
  /** From the start of the process. */
  untilStarted: Spread;
  untilFirstCall: Spread;
  untilFirstCommit: Spread;
  targetMs: number;
  /** Whether the first run was committed in time, in 99 of 100 starts. */
  passed: boolean;
}

const PENDING_EVENTS = 100_000;
/** Some are reserved by runs while others are counted. */
const SPARE_EVENTS = 1_000;
const TARGET_MS = 2_000;
const LONGEST_LIFE_MS = 30_000;

const lineSchema = z.looseObject({
  what: z.enum(["loaded", "opened", "started", "called", "committed", "counted"]),
  ms: z.number(),
  pending: z.number().optional(),
  crashedRuns: z.number().optional(),
  uncertainMutations: z.number().optional(),
  interruptedSessions: z.number().optional(),
});
type Line = z.output<typeof lineSchema>;

/** What a process said, and when its parent heard it: in milliseconds since it was spawned. */
type Life = Map<Line["what"], Line & { heardMs: number }>;

export async function measureRecovery(kills: number): Promise<RecoveryResult> {
  return withTemporaryFile(async (location) => {
    await writePendingEvents(location, PENDING_EVENTS + SPARE_EVENTS);
    // The first life finds what was closed properly, and does not count.
    await live(location, { afterCommitMs: 300 });
    const lives: Life[] = [];
    let killsDuringStart = 0;
    while (lives.length < kills) {
      if (lives.length % 5 === 4) {
        await live(location, { afterSpawnMs: 50 + Math.random() * 400 });
        killsDuringStart += 1;
      }
      lives.push(await live(location, { afterCommitMs: 100 + Math.random() * 400 }));
    }
    return summarise(lives, killsDuringStart);
  });
}

/** Starts a process and kills it so long after it was spawned, or after its first commit. */
async function live(location: string, kill: { afterSpawnMs: number } | { afterCommitMs: number }): Promise<Life> {
  const program = new URL("recovery-process.ts", import.meta.url).pathname;
  const life: Life = new Map();
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, program, location], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const killAfter = (delayMs: number) => setTimeout(() => child.kill("SIGKILL"), delayMs);
  let timer = killAfter("afterSpawnMs" in kill ? kill.afterSpawnMs : LONGEST_LIFE_MS);
  for await (const text of createInterface({ input: child.stdout })) {
    const line = lineSchema.parse(JSON.parse(text));
    life.set(line.what, { ...line, heardMs: performance.now() - spawnedAt });
    const works = life.has("committed") && life.has("counted");
    if (!works || "afterSpawnMs" in kill || (line.what !== "committed" && line.what !== "counted")) continue;
    clearTimeout(timer);
    timer = killAfter(kill.afterCommitMs);
  }
  const [code] = await ended;
  clearTimeout(timer);
  if (code !== null) throw new Error(`The engine ended by itself with code ${code}.`);
  if ("afterCommitMs" in kill && !(life.has("committed") && life.has("counted")))
    throw new Error(`No run was committed in ${LONGEST_LIFE_MS} ms.`);
  return life;
}

function summarise(lives: readonly Life[], killsDuringStart: number): RecoveryResult {
  const lineOf = (life: Life, what: Line["what"]) => {
    const line = life.get(what);
    if (!line) throw new Error(`A process did not say "${what}".`);
    return line;
  };
  const sum = (count: "crashedRuns" | "uncertainMutations" | "interruptedSessions") =>
    lives.reduce((total, life) => total + (lineOf(life, "started")[count] ?? 0), 0);
  const between = (from: Line["what"], to: Line["what"]) =>
    spread(lives.map((life) => lineOf(life, to).ms - lineOf(life, from).ms));
  const until = (what: Line["what"]) => spread(lives.map((life) => lineOf(life, what).heardMs));
  const untilFirstCommit = until("committed");
  return {
    kills: lives.length,
    killsDuringStart,
    pendingEvents: Math.min(...lives.map((life) => lineOf(life, "counted").pending ?? 0)),
    crashedRuns: sum("crashedRuns"),
    uncertainMutations: sum("uncertainMutations"),
    interruptedSessions: sum("interruptedSessions"),
    open: between("loaded", "opened"),
    start: between("opened", "started"),
    untilStarted: until("started"),
    untilFirstCall: until("called"),
    untilFirstCommit,
    targetMs: TARGET_MS,
    passed: untilFirstCommit.p99Ms < TARGET_MS,
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
