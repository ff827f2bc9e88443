/** A database file that is gone afterwards, on the disk of the temporary folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type CommitHooks, type SqliteDatabase } from "@millrace/db";

export function withTemporaryDatabase<T>(
  work: (database: SqliteDatabase) => Promise<T>,
  hooks: CommitHooks = {},
): Promise<T> {
  return withTemporaryFile(async (location) => {
    const database = await openDatabase(location, { hooks });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  });
}

/** Only the place of a database, for those who open it themselves. */
export async function withTemporaryFile<T>(work: (location: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  try {
    return await work(`sqlite:${join(folder, "bench.sqlite")}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
