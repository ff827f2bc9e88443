/** A database file that is gone afterwards, on the disk of the temporary folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type CommitHooks, type SqliteDatabase } from "@millrace/db";

export async function withTemporaryDatabase<T>(
  work: (database: SqliteDatabase) => Promise<T>,
  hooks: CommitHooks = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const database = await openDatabase(`sqlite:${join(folder, "bench.sqlite")}`, { hooks });
  try {
    return await work(database);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
