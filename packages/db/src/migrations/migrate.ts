/** Brings a database to this version's schema: forward only, recorded by Kysely's Migrator. */
import { Migrator, type Migration } from "kysely/migration";
import { sql } from "kysely";
import type { QueryExecutor } from "../database.ts";
import { NewerDatabaseError } from "../errors.ts";
import * as initial from "./0001-initial.ts";
import * as jobs from "./0002-jobs.ts";
import * as schedulesAndNotifications from "./0003-schedules-and-notifications.ts";
import * as host from "./0004-host.ts";
import * as replay from "./0005-replay.ts";
import * as phaseTimes from "./0006-phase-times.ts";

/** Every migration by name, in order. A released one never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-initial": initial,
  "0002-jobs": jobs,
  "0003-schedules-and-notifications": schedulesAndNotifications,
  "0004-host": host,
  "0005-replay": replay,
  "0006-phase-times": phaseTimes,
};

/** Runs inside the caller's transaction. @throws NewerDatabaseError when the database has migrations that this version does not know */
export async function migrateToLatest(executor: QueryExecutor, location: string): Promise<void> {
  const executed = await executedMigrations(executor);
  const unknown = executed.filter((name) => !(name in MIGRATIONS));
  if (unknown.length > 0) throw new NewerDatabaseError(location, unknown);
  if (executed.length === Object.keys(MIGRATIONS).length) return;
  const migrator = new Migrator({
    db: executor,
    provider: { getMigrations: async () => MIGRATIONS },
    disableTransactions: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** The migrations that the database has, in order; none where it is not one of Millrace's. */
export async function executedMigrations(executor: QueryExecutor): Promise<string[]> {
  const tables = await executor.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "kysely_migration")) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(executor);
  return rows.map((row) => row.name);
}
