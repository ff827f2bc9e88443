/** How large a database is. */
import { statSync } from "node:fs";
import { sql } from "kysely";
import type { DatabaseStatistics, QueryExecutor } from "../../database.ts";
import { executedMigrations } from "../../migrations/migrate.ts";
import { onlyRow } from "../../only-row.ts";

/** @param path the database's file, or null for one in memory */
export async function readStatistics(executor: QueryExecutor, path: string | null): Promise<DatabaseStatistics> {
  const [{ rows }, migrations] = await Promise.all([
    sql<{ pageCount: number; pageSize: number; freePages: number; version: string }>`
      select page_count as pageCount, page_size as pageSize, freelist_count as freePages,
        sqlite_version() as version
      from pragma_page_count, pragma_page_size, pragma_freelist_count`.execute(executor),
    executedMigrations(executor),
  ]);
  const { pageCount, pageSize, freePages, version } = onlyRow(rows);
  return {
    sizeBytes: pageCount * pageSize,
    freeBytes: freePages * pageSize,
    logBytes: path === null ? 0 : (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0),
    engineVersion: version,
    schemaVersion: migrations.at(-1) ?? "",
  };
}
