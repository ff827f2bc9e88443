/** One better-sqlite3 connection with Millrace's pragmas, seen by Kysely through memoised statements. */
import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import type { Schema } from "../../schema.ts";
import { mapSqliteError } from "./error-mapping.ts";

export type RawConnection = BetterSqlite3.Database;

export interface ConnectionOptions {
  /** A file's path, `:memory:`, or the bytes of a serialised database. */
  source: string | Buffer;
  readonly: boolean;
  /** How long a statement waits for another process's lock, in milliseconds. */
  busyTimeoutMs: number;
}

/** Opens a connection. @throws what SQLite throws; the caller maps it */
export function openConnection({ source, readonly, busyTimeoutMs }: ConnectionOptions): RawConnection {
  const connection = new BetterSqlite3(source, { readonly, timeout: busyTimeoutMs });
  try {
    configure(connection, readonly);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function configure(connection: RawConnection, readonly: boolean): void {
  connection.pragma("foreign_keys = ON");
  if (!readonly) {
    connection.pragma("journal_mode = WAL");
    // FULL syncs the log at every commit: what was acknowledged survives a power cut.
    connection.pragma("synchronous = FULL");
  }
}

/** How many compiled statements a connection keeps; chunked lists make a few lengths, the rest is fixed. */
const STATEMENT_CACHE_LIMIT = 1000;

/** A Kysely instance on this connection that prepares each SQL text once and throws named errors. */
export function createExecutor(connection: RawConnection, location: string): Kysely<Schema> {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = withNamedErrors(connection, sql, location);
      if (statements.size >= STATEMENT_CACHE_LIMIT) statements.clear();
      statements.set(sql, statement);
    }
    return statement;
  };
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: { prepare, close: () => connection.close() } }) });
}

function withNamedErrors(connection: RawConnection, sql: string, location: string): SqliteStatement {
  const attempt = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw mapSqliteError(error, location);
    }
  };
  const statement = attempt(() => connection.prepare(sql));
  return {
    reader: statement.reader,
    all: (parameters) => attempt(() => statement.all(...parameters)),
    run: (parameters) => attempt(() => statement.run(...parameters)),
    iterate: (parameters) => attempt(() => statement.iterate(...parameters)),
  };
}
