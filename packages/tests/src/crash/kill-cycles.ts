/**
 * The kill command: several lanes at once, each a database of its own whose engine is killed by SIGKILL again and again,
 * started again, and in the end checked against the record of an independent receiver.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleProgram, ownConditions } from "./kill-bundle.ts";
import { checkFacts } from "./kill-check.ts";
import { readFacts } from "./kill-facts.ts";
import { offer, prepareGround, type Ground, type Program } from "./kill-ground.ts";
import { drain, LifeError, liveAndDie } from "./kill-life.ts";
import { MOMENTS, planLife } from "./kill-plan.ts";
import { addFindings, countKill, emptyReport, hasFailed, type Report } from "./kill-report.ts";
import { startReceiver, type Receiver } from "./receiver-client.ts";
import { SeededRandom } from "./seeded-random.ts";

const LIFE_PROGRAM = fileURLToPath(new URL("kill-process.ts", import.meta.url));
/** After so many lives a lane goes on with a new database: its making is killed, too. */
const LIVES_PER_GROUND = 250;
const MOST_OFFERED = 3;
/** So many lives lie between two seeds of a lane, which must not give the same numbers. */
const SEEDS_PER_LANE = 100_003;

export interface KillOptions {
  cycles: number;
  seed: number;
  lanes: number;
  /** Whether the folder is kept in any case; it is when something is wrong. */
  keep: boolean;
  /** The receiver denies what it has accepted: the command must then find duplicates. */
  liar?: boolean;
  /** Told of each kill. */
  onKill?: (report: Report) => void;
  /** Default: those of this process. */
  conditions?: readonly string[];
}

export interface KillResult {
  report: Report;
  failed: boolean;
  /** Where everything is that was kept; null where nothing was. */
  kept: string | null;
}

/** What all lanes share. */
export interface Stage {
  folder: string;
  receiver: Receiver;
  program: Program;
}

/** Kills so many lives and checks what they leave. */
export async function killCycles(options: KillOptions): Promise<KillResult> {
  const { cycles, lanes } = options;
  const report = emptyReport(MOMENTS);
  return onStage(options, report, async (stage) => {
    const shares = Array.from({ length: lanes }, (_, lane) => Math.floor((cycles + lane) / lanes));
    await Promise.all(shares.map((share, lane) => runLane(stage, report, options, lane, share)));
  });
}

/** Prepares what all lanes need, lets them run, and puts it away. */
export async function onStage(
  { seed, keep, conditions = ownConditions() }: Pick<KillOptions, "seed" | "keep" | "conditions">,
  report: Report,
  work: (stage: Stage) => Promise<void>,
): Promise<KillResult> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-crash-"));
  const receiver = await startReceiver(folder, seed);
  try {
    const program = await prepareProgram(folder, receiver, conditions);
    await work({ folder, receiver, program });
  } finally {
    await receiver.close();
  }
  const failed = hasFailed(report.findings);
  const isKept = keep || failed;
  if (!isKept) rmSync(folder, { recursive: true });
  return { report, failed, kept: isKept ? folder : null };
}

/** Bundles the program and lets it live once to its end: only who ends by itself leaves its compiled code. */
async function prepareProgram(folder: string, receiver: Receiver, conditions: readonly string[]): Promise<Program> {
  const program = {
    file: await bundleProgram(LIFE_PROGRAM, folder, conditions),
    compileCache: join(folder, "compile-cache"),
  };
  const place = "rehearsal";
  await drain(prepareGround(folder, { place, receiver, program, random: new SeededRandom(0) }));
  return program;
}

async function runLane(
  stage: Stage,
  report: Report,
  { seed, keep, liar, onKill }: KillOptions,
  lane: number,
  cycles: number,
): Promise<void> {
  for (let done = 0, index = 0; done < cycles; index += 1) {
    const lives = Math.min(LIVES_PER_GROUND, cycles - done);
    const random = new SeededRandom(seed + lane * SEEDS_PER_LANE + index);
    const ground = prepareGround(stage.folder, { ...stage, place: `${lane}.${index}`, random });
    if (liar) stage.receiver.tell({ order: "lie", place: ground.place });
    const live = async () => {
      for (let life = 0; life < lives; life += 1) {
        offer(ground, random.between(0, MOST_OFFERED));
        countKill(report, await liveAndDie(ground, planLife(random)));
        onKill?.(report);
      }
    };
    await onGround(ground, report, keep, { live });
    done += lives;
  }
}

/** What happens on a ground: its lives, and what has to be done before its folder is removed, or kept. */
export interface Happening {
  live: () => Promise<void>;
  putAway?: (isKept: boolean) => void;
}

/** Lets lives be lived on a ground, works off what they leave, checks it, and removes it if all is well. */
export async function onGround(
  ground: Ground,
  report: Report,
  keep: boolean,
  { live, putAway }: Happening,
): Promise<void> {
  const fault = await faultOf(live().then(() => drain(ground)));
  if (fault) report.findings.unsound.push(`${ground.place}: ${fault.message}`);
  const findings = checkFacts(await readFacts(ground));
  addFindings(report, findings);
  report.grounds += 1;
  const isKept = keep || fault !== null || hasFailed(findings);
  putAway?.(isKept);
  if (!isKept) rmSync(ground.folder, { recursive: true });
}

/** What a life did that none may do; null where none did. */
function faultOf(lives: Promise<void>): Promise<LifeError | null> {
  return lives.then(
    () => null,
    (error: unknown) => {
      if (error instanceof LifeError) return error;
      throw error;
    },
  );
}
