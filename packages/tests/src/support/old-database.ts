/** Builds a database as an earlier version of Millrace left it: with its first migrations alone. */
import { MIGRATIONS, type Schema } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { Migrator } from "kysely/migration";

/** Makes a file with the first `count` migrations, and gives an open connection to it. */
export async function createOldDatabase(path: string, count: number): Promise<BetterSqlite3.Database> {
  const migrations = Object.fromEntries(Object.entries(MIGRATIONS).slice(0, count));
  const database = new BetterSqlite3(path);
  const executor = new Kysely<Schema>({ dialect: new SqliteDialect({ database }) });
  const migrator = new Migrator({ db: executor, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  await executor.destroy();
  if (error !== undefined) throw error;
  const connection = new BetterSqlite3(path);
  connection.pragma("foreign_keys = ON");
  return connection;
}

/** Runs queries on a file with a connection of their own. */
export function inspect<T>(path: string, work: (connection: BetterSqlite3.Database) => T): T {
  const connection = new BetterSqlite3(path);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}
