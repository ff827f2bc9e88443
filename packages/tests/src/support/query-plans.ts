/** Shows how SQLite finds the rows that a store asks for: the plan of each statement that a call really runs. */
import { createStores, openDatabase, type Stores } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { isControl, StatementTrace, type Statement } from "../performance/statement-trace.ts";
import { withDatabase } from "./store-behaviours.ts";

/**
 * A scan of a whole table. One of a partial index is none: it holds nothing but what is asked for; nor is one of a list
 * that the statement was given (json_each).
 */
export const isFullScan = (step: string) =>
  /^SCAN (?!json_each\b)\w+/.test(step) && !/USING (COVERING )?INDEX \w+_index/.test(step);

export const isSort = (step: string) => step.includes("TEMP B-TREE");

/**
 * The plans of all statements of a call, with the values that were bound to them.
 * @param filling statements that put rows there first, for calls that ask for nothing where there are none
 */
export async function explain(call: (stores: Stores) => Promise<unknown>, filling = ""): Promise<string[]> {
  const connection = new BetterSqlite3(await withDatabase("memory", async (database) => database.serialise()));
  try {
    connection.exec(filling);
    const statements = await record(call, connection.serialize());
    return statements.flatMap((statement) => planOf(connection, statement));
  } finally {
    connection.close();
  }
}

/** The steps in which SQLite would find the rows of a statement. */
export function planOf(connection: BetterSqlite3.Database, { sql, parameters }: Statement): string[] {
  // Every row of a plan has these columns.
  const rows = connection.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
  return rows.map(({ detail }) => detail);
}

/** What a call runs, but for the beginnings and ends of transactions. */
async function record(call: (stores: Stores) => Promise<unknown>, image: Buffer): Promise<Statement[]> {
  const trace = new StatementTrace();
  const database = await openDatabase("sqlite::memory:", { image, onStatement: trace.note });
  try {
    trace.take();
    await call(createStores(database));
    return trace.take().filter((statement) => !isControl(statement));
  } finally {
    await database.close();
  }
}
