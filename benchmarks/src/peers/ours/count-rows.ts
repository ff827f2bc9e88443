/** Counts what is in the database, whichever way it came there. */
import type { SqliteDatabase } from "@millrace/db";
import { sql } from "kysely";

export function countPendingEvents(database: SqliteDatabase): Promise<number> {
  return count(database, sql`events where status = 'pending'`);
}

export function countAppliedMutations(database: SqliteDatabase): Promise<number> {
  return count(database, sql`mutations where status = 'applied'`);
}

async function count(database: SqliteDatabase, what: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await database.read((executor) =>
    sql<{ count: number }>`select count(*) as count from ${what}`.execute(executor),
  );
  return rows[0]?.count ?? 0;
}
