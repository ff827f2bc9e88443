/**
 * Backs up a SQLite database that is in use.
 *
 * Invariants:
 * 1. A copy has its name only once it is whole and was checked; what is not whole ends with `.partial`.
 * 2. A copy is named by the nominal time: a second attempt makes the same copy, not another one.
 */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { defineJobHandler } from "@millrace/agent";
import BetterSqlite3 from "better-sqlite3";
import { z } from "zod";

/** How much is copied at a time; in between the engine goes on. */
const PAGES_A_STEP = 100;

export function backupHandler({ database, folder }: { database: string; folder: string }) {
  return defineJobHandler({
    name: "backup",
    payload: z.object({ keep: z.int().min(1) }),
    async handler({ keep }, { scheduledAt, signal }) {
      const started = performance.now();
      await mkdir(folder, { recursive: true });
      const name = `${new Date(scheduledAt).toISOString().replaceAll(":", "-")}.sqlite`;
      const partial = join(folder, `${name}.partial`);
      try {
        await copyDatabase(database, partial, signal);
        checkCopy(partial);
        await rename(partial, join(folder, name));
      } finally {
        await rm(partial, { force: true });
      }
      const removed = await removeAllBut(keep, folder);
      const { size } = await stat(join(folder, name));
      return { file: name, bytes: size, durationMs: Math.round(performance.now() - started), removed };
    },
  });
}

/** The copies in a folder, the oldest first. */
export async function listBackups(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".sqlite")).toSorted();
}

/** SQLite's online backup, of one snapshot: what is written meanwhile neither disturbs it nor makes it start again. */
async function copyDatabase(from: string, to: string, signal: AbortSignal): Promise<void> {
  const source = new BetterSqlite3(from, { readonly: true });
  try {
    source.exec("BEGIN");
    // The snapshot is taken by the first read.
    source.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
    await source.backup(to, {
      progress() {
        signal.throwIfAborted();
        return PAGES_A_STEP;
      },
    });
  } finally {
    source.close();
  }
}

/** Makes the copy a single file, and reads all of it. */
function checkCopy(file: string): void {
  const copy = new BetterSqlite3(file);
  try {
    copy.pragma("journal_mode = DELETE");
    const verdict = copy.pragma("integrity_check", { simple: true });
    if (verdict !== "ok") throw new Error(`The copy is damaged: ${String(verdict)}`);
  } finally {
    copy.close();
  }
}

async function removeAllBut(keep: number, folder: string): Promise<number> {
  const surplus = (await listBackups(folder)).slice(0, -keep);
  for (const name of surplus) await rm(join(folder, name));
  return surplus.length;
}
