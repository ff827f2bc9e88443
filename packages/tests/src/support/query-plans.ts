/** Shows how SQLite finds the rows that a store asks for: the plan of each statement that a call really runs. */
import {
  createIdSource,
  createStores,
  DEFAULT_STORAGE_LIMITS,
  type Database,
  type Schema,
  type Stores,
} from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { withDatabase } from "./store-behaviours.ts";

interface Statement {
  sql: string;
  parameters: readonly unknown[];
}

/** A scan of a whole table. One of a partial index is none: it holds nothing but what is asked for. */
export const isFullScan = (step: string) => /^SCAN \w+/.test(step) && !/USING (COVERING )?INDEX \w+_index/.test(step);

export const isSort = (step: string) => step.includes("TEMP B-TREE");

/**
 * The plans of all statements of a call, with the values that were bound to them.
 * @param filling statements that put rows there first, for calls that ask for nothing where there are none
 */
export async function explain(call: (stores: Stores) => Promise<unknown>, filling = ""): Promise<string[]> {
  const connection = new BetterSqlite3(await withDatabase("memory", async (database) => database.serialise()));
  try {
    connection.exec(filling);
    const statements: Statement[] = [];
    await call(createStores(recording(connection, statements)));
    return statements.flatMap(({ sql, parameters }) => {
      // Every row of a plan has these columns.
      const rows = connection.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
      return rows.map(({ detail }) => detail);
    });
  } finally {
    connection.close();
  }
}

/** A database that notes what is run on it. */
function recording(connection: BetterSqlite3.Database, statements: Statement[]): Database {
  const prepare = (sql: string) => {
    const statement = connection.prepare(sql);
    const note = (parameters: readonly unknown[]) => {
      statements.push({ sql, parameters });
      return parameters;
    };
    return {
      reader: statement.reader,
      all: (parameters: readonly unknown[]) => statement.all(...note(parameters)),
      run: (parameters: readonly unknown[]) => statement.run(...note(parameters)),
      iterate: (parameters: readonly unknown[]) => statement.iterate(...note(parameters)),
    };
  };
  const dialect = new SqliteDialect({ database: { prepare, close: () => undefined } });
  const executor = new Kysely<Schema>({ dialect });
  return {
    location: "sqlite::memory:",
    limits: DEFAULT_STORAGE_LIMITS,
    newId: createIdSource({ now: () => 1 }),
    transaction: (work) => work({ executor }),
    read: (work) => work(executor),
    statistics: () => Promise.reject(new Error("A recording has no statistics.")),
    acquireOwnership: () => undefined,
    close: async () => undefined,
  };
}
