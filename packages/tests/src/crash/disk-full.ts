/**
 * Lives on a disk that fills up and gets room again, some of them killed while it is full. What
 * was acknowledged must be there, nothing may be sent twice, and a life must go on when there is room.
 */
import { readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { limitedFiles, smallFileSystem, type SmallDisk } from "./disk-full-limits.ts";
import { onGround, onStage, type Happening, type KillOptions, type KillResult } from "./kill-cycles.ts";
import { offer, prepareGround, startLife, type Ground, type Life } from "./kill-ground.ts";
import { LifeError } from "./kill-life.ts";
import { addCount, countKill, emptyReport, type Report } from "./kill-report.ts";
import { EXIT, pathsOf, SIGNS } from "./kill-world.ts";
import { SeededRandom } from "./seeded-random.ts";

const MOMENTS = { full: "while the disk is full", roomy: "after there was room again" } as const;
const COUNTS = {
  filled: "times the disk was full",
  startedFull: "starts on a full disk that went well",
  refusedStart: "starts on a full disk that were refused",
  wentOn: "times a life went on with room",
  refusals: "requests refused for want of room",
} as const;

const RUNNING_MS = 200;
const FULL_MS = 400;
/** Who has not gone on so long after there was room is stuck. */
const MOST_WAIT_MS = 20_000;
const LOOK_AGAIN_MS = 5;
const MOST_OFFERED = 3;

export type DiskFullOptions = Pick<KillOptions, "cycles" | "seed" | "keep" | "conditions">;

type MakeDisk = (ground: Ground, random: SeededRandom) => SmallDisk | { refused: string };
export const DISKS: Readonly<Record<string, MakeDisk>> = { limit: limitedFiles, tmpfs: smallFileSystem };

/** @param names which kinds of disk: `limit`, `tmpfs`; the cycles are shared among them */
export async function killOnFullDisks(
  options: DiskFullOptions,
  names: readonly string[],
): Promise<KillResult & { skipped: string[] }> {
  const report = emptyReport(Object.values(MOMENTS));
  for (const what of Object.values(COUNTS)) addCount(report, what, 0);
  const skipped: string[] = [];
  const result = await onStage(options, report, async (stage) => {
    const lanes = names.map(async (name, index) => {
      const random = new SeededRandom(options.seed + index);
      const ground = prepareGround(stage.folder, { ...stage, place: name, random });
      const disk = DISKS[name]?.(ground, random) ?? { refused: "there is no such disk" };
      if ("refused" in disk) return void skipped.push(`${name}: ${disk.refused}`);
      const share = Math.floor((options.cycles + index) / names.length);
      await onGround(ground, report, options.keep, happeningOn(ground, disk, report, share));
    });
    await Promise.all(lanes);
  });
  return { ...result, skipped };
}

function happeningOn(ground: Ground, disk: SmallDisk, report: Report, cycles: number): Happening {
  return {
    async live() {
      try {
        for (let cycle = 0; cycle < cycles; cycle += 1) await fillOnce(ground, disk, report);
      } finally {
        disk.makeRoom(null);
      }
    },
    putAway(isKept) {
      addCount(report, COUNTS.refusals, linesOf(pathsOf(ground.folder).refusals));
      disk.remove(isKept);
    },
  };
}

/** One life that sees the disk full, and is killed then or when there is room again. */
async function fillOnce(ground: Ground, disk: SmallDisk, report: Report): Promise<void> {
  const { random } = ground;
  offer(ground, random.between(0, MOST_OFFERED));
  const life = random.chance(0.25) ? await startFull(ground, disk, report) : await startWithRoom(ground, disk);
  try {
    await pause(random.between(0, RUNNING_MS));
    disk.fill(life);
    addCount(report, COUNTS.filled);
    await pause(random.between(0, FULL_MS));
    const diesFull = random.chance(0.5);
    if (!diesFull) {
      disk.makeRoom(life);
      await assertGoesOn(ground, life);
      addCount(report, COUNTS.wentOn);
      await pause(random.between(0, RUNNING_MS));
    }
    countKill(report, diesFull ? MOMENTS.full : MOMENTS.roomy);
  } finally {
    life.child.kill("SIGKILL");
  }
  const { code, signal } = await life.ended;
  if (signal !== "SIGKILL")
    throw new LifeError(`Life ${life.number} ended by itself on a full disk with ${code}: ${life.errors()}`);
}

async function startWithRoom(ground: Ground, disk: SmallDisk): Promise<Life> {
  disk.makeRoom(null);
  const life = startLife(ground);
  if (await life.whenSaid(SIGNS.up)) return life;
  const { code } = await life.ended;
  throw new LifeError(`Life ${life.number} did not start and ended with ${code}: ${life.errors()}`);
}

/** A start may be refused for want of room; then there is room, and it is started again. */
async function startFull(ground: Ground, disk: SmallDisk, report: Report): Promise<Life> {
  disk.fill(null);
  const life = startLife(ground, {}, disk.wrapFull);
  const room = setTimeout(() => disk.makeRoom(life), ground.random.between(FULL_MS, 2 * FULL_MS));
  const isUp = await life.whenSaid(SIGNS.up);
  clearTimeout(room);
  disk.makeRoom(life);
  addCount(report, isUp ? COUNTS.startedFull : COUNTS.refusedStart);
  if (isUp) return life;
  const { code } = await life.ended;
  if (code !== EXIT.noRoom)
    throw new LifeError(`Life ${life.number} ended at its start on a full disk with ${code}: ${life.errors()}`);
  return startWithRoom(ground, disk);
}

/** @throws LifeError unless something more is acknowledged */
async function assertGoesOn(ground: Ground, life: Life): Promise<void> {
  const { acknowledged } = pathsOf(ground.folder);
  const before = sizeOf(acknowledged);
  for (const givesUpAt = Date.now() + MOST_WAIT_MS; sizeOf(acknowledged) === before;) {
    if (Date.now() > givesUpAt || life.child.exitCode !== null)
      throw new LifeError(`Life ${life.number} did not go on when there was room: ${life.errors()}`);
    await pause(LOOK_AGAIN_MS);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function linesOf(path: string): number {
  return sizeOf(path) === 0 ? 0 : readFileSync(path, "utf8").split("\n").length - 1;
}
