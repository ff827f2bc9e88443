/**
 * Two ways in which a disk is full for a life, and has room again: a limit on how long a file may become, which needs no
 * permission, and a small file system of its own, which is full for everybody.
 */
import { spawnSync } from "node:child_process";
import { closeSync, cpSync, ftruncateSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathsOf } from "./kill-world.ts";
import type { Ground, Life } from "./kill-ground.ts";
import type { SeededRandom } from "./seeded-random.ts";

export interface SmallDisk {
  readonly name: string;
  /** How a life is started that finds the disk full already. */
  wrapFull(command: readonly string[]): readonly string[];
  /** There is no more room from now on. */
  fill(life: Life | null): void;
  /** There is room again. */
  makeRoom(life: Life | null): void;
  /** Puts it away. @param keep whether what is on it is to be found in the ground's folder afterwards */
  remove(keep: boolean): void;
}

/** What those who watch write has room in any case. */
const SHORTEST_FILE = 96 * 1024;
const ROOM_LEFT = 32 * 1024;
const FILE_SYSTEM = "24m";
/** Enough to fill the file system, in pieces of this size. */
const BALLAST = Buffer.alloc(64 * 1024);

/**
 * No file of a life may become longer than it is, or than a little more; some may not even become as long again.
 * Node ignores the signal that goes with it, so that writing fails with EFBIG.
 */
export function limitedFiles({ folder }: Ground, random: SeededRandom): SmallDisk {
  const { database } = pathsOf(folder);
  const limit = () => {
    const log = statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return random.between(SHORTEST_FILE, Math.max(SHORTEST_FILE, log) + ROOM_LEFT);
  };
  return {
    name: "a limit on the length of files",
    wrapFull: (command) => ["prlimit", `--fsize=${limit()}:unlimited`, "--", ...command],
    fill: (life) => life && run("prlimit", `--pid=${life.child.pid}`, `--fsize=${limit()}:unlimited`),
    makeRoom: (life) => life && run("prlimit", `--pid=${life.child.pid}`, "--fsize=unlimited:unlimited"),
    remove: () => undefined,
  };
}

/** @returns the reason where no file system may be mounted */
export function smallFileSystem({ folder }: Ground, random: SeededRandom): SmallDisk | { refused: string } {
  const { inside } = pathsOf(folder);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${FILE_SYSTEM},mode=700`, "tmpfs", inside], {
    encoding: "utf8",
  });
  if (mounted.status !== 0) return { refused: mounted.error?.message ?? mounted.stderr.trim() };
  const ballast = join(inside, "ballast");
  let isMounted = true;
  const unmount = () => {
    // A life that was killed a moment ago may not be quite gone.
    if (isMounted) run("umount", "--lazy", inside);
    isMounted = false;
  };
  // Whoever is interrupted leaves no file system behind.
  const interrupted = () => process.exit(1);
  process.once("exit", unmount).once("SIGINT", interrupted).once("SIGTERM", interrupted);
  return {
    name: "a small file system",
    wrapFull: (command) => command,
    fill: () => fillUp(ballast, random.between(0, ROOM_LEFT)),
    makeRoom: () => rmSync(ballast, { force: true }),
    remove(keep) {
      if (keep) cpSync(inside, join(folder, "inside-kept"), { recursive: true });
      process.off("exit", unmount).off("SIGINT", interrupted).off("SIGTERM", interrupted);
      unmount();
    },
  };
}

/** Takes all the room that there is, but for so many bytes. */
function fillUp(path: string, leaving: number): void {
  const file = openSync(path, "w");
  try {
    let written = 0;
    for (let size = BALLAST.length; size >= 1;) {
      try {
        written += writeSync(file, BALLAST, 0, size);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
        size = Math.floor(size / 2);
      }
    }
    ftruncateSync(file, Math.max(0, written - leaving));
  } finally {
    closeSync(file);
  }
}

/** @throws Error naming the command and what it said; a life that is gone has no limits any more */
function run(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error) throw new Error(`"${command}" can't be run; the check needs it.`, { cause: error });
  if (status !== 0 && !/No such process/.test(stderr)) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
