/** All that is in a database file, as another process reads it. */
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import type { ApiStage } from "./api-stage.ts";

/** Every row by its table. */
export type Rows = Record<string, unknown[]>;

/** @param without leaves out the rows of a platform (tenant) */
export function readRows({ folder }: ApiStage, { without }: { without?: string } = {}): Rows {
  const database = new Sqlite(join(folder, "millrace.sqlite"), { readonly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
    return Object.fromEntries(
      tables.map((table) => {
        const rows = database.prepare<[], Record<string, unknown>>(`SELECT * FROM "${String(table)}"`).all();
        return [String(table), rows.filter((row) => without === undefined || row["platform_id"] !== without)];
      }),
    );
  } finally {
    database.close();
  }
}
