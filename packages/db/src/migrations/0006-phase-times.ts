/** When a run came to each phase between its beginning and its end; null for what earlier versions have written. */
import type { Kysely } from "kysely";
import type { AnySchema } from "./table-definition.ts";

const COLUMNS = ["prepared_at", "mutating_at", "mutated_at", "emitting_at"];

export async function up(database: Kysely<AnySchema>): Promise<void> {
  // SQLite adds one column at a time.
  for (const column of COLUMNS) await database.schema.alterTable("handler_runs").addColumn(column, "bigint").execute();
}
