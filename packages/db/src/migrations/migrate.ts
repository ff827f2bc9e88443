/** Brings a database to this version's schema: forward only, recorded by Kysely's Migrator. */
import { DEFAULT_MIGRATION_TABLE, Migrator, type Migration } from "kysely/migration";
import { sql } from "kysely";
import type { QueryExecutor } from "../database.ts";
import {
  CorruptDatabaseError,
  DatabaseError,
  MigrationFailedError,
  NewerDatabaseError,
  NoDatabaseError,
} from "../errors.ts";
import * as initial from "./0001-initial.ts";
import * as jobs from "./0002-jobs.ts";
import * as schedulesAndNotifications from "./0003-schedules-and-notifications.ts";
import * as host from "./0004-host.ts";
import * as replay from "./0005-replay.ts";
import * as phaseTimes from "./0006-phase-times.ts";
import * as comparedWords from "./0007-compared-words.ts";

/** The table in which Kysely records what has run; that of its lock begins with the same name. */
const RECORD = DEFAULT_MIGRATION_TABLE;

/** Every migration by name, in order. A released one never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-initial": initial,
  "0002-jobs": jobs,
  "0003-schedules-and-notifications": schedulesAndNotifications,
  "0004-host": host,
  "0005-replay": replay,
  "0006-phase-times": phaseTimes,
  "0007-compared-words": comparedWords,
};

/**
 * Runs inside the caller's transaction.
 * @throws what `assertMigratable` throws; MigrationFailedError
 */
export async function migrateToLatest(executor: QueryExecutor, location: string): Promise<void> {
  const executed = await assertMigratable(executor, location);
  if (executed.length === Object.keys(MIGRATIONS).length) return;
  const migrator = new Migrator({
    db: executor,
    provider: { getMigrations: async () => MIGRATIONS },
    disableTransactions: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof DatabaseError) throw error;
  const failed = results?.find(({ status }) => status === "Error");
  throw new MigrationFailedError(location, failed?.migrationName ?? "the record of migrations", error);
}

/**
 * Looks whether this version can migrate the database, and gives the migrations that it has.
 * @throws NewerDatabaseError when it has some that this version does not know; NoDatabaseError when it is another
 *   program's; CorruptDatabaseError when its record of migrations is not one that a release has left
 */
export async function assertMigratable(executor: QueryExecutor, location: string): Promise<string[]> {
  const executed = await readRecord(executor, location);
  const known = Object.keys(MIGRATIONS);
  const unknown = executed.filter((name) => !(name in MIGRATIONS));
  if (executed.length > 0 && unknown.length === executed.length) {
    throw new NoDatabaseError(location, "another database");
  }
  if (unknown.length > 0) throw new NewerDatabaseError(location, unknown);
  const missing = known.slice(0, executed.length).find((name) => !executed.includes(name));
  if (missing !== undefined) {
    throw new CorruptDatabaseError(location, new Error(`Its record of migrations lacks ${missing}.`));
  }
  return executed;
}

async function readRecord(executor: QueryExecutor, location: string): Promise<string[]> {
  const tables = await tableNames(executor);
  if (tables.length > 0 && !tables.includes(RECORD)) throw new NoDatabaseError(location, "another database");
  let executed: string[];
  try {
    executed = await executedMigrations(executor);
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    throw new CorruptDatabaseError(location, error);
  }
  if (executed.length === 0 && tables.some((name) => !name.startsWith(RECORD))) {
    throw new CorruptDatabaseError(location, new Error("It has tables, but its record of migrations is empty."));
  }
  return executed;
}

/** The migrations that the database has, in order; none where it is not one of Millrace's. */
export async function executedMigrations(executor: QueryExecutor): Promise<string[]> {
  if (!(await tableNames(executor)).includes(RECORD)) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(RECORD)} order by name`.execute(executor);
  return rows.map((row) => row.name);
}

async function tableNames(executor: QueryExecutor): Promise<string[]> {
  const tables = await executor.introspection.getTables({ withInternalKyselyTables: true });
  return tables.map(({ name }) => name);
}
