/** One better-sqlite3 connection with Millrace's pragmas, seen by Kysely through memoised statements. */
import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import { usePreparedStatements, type PreparedStatement } from "../../prepared-statements.ts";
import type { Schema } from "../../schema.ts";
import { mapSqliteError } from "./error-mapping.ts";
import { listenToStatements, type StatementListener } from "./statement-listener.ts";

export type RawConnection = BetterSqlite3.Database;

export interface ConnectionOptions {
  /** A file's path, `:memory:`, or the bytes of a serialised database. */
  source: string | Buffer;
  readonly: boolean;
  /** How long a statement waits for another process's lock, in milliseconds. */
  busyTimeoutMs: number;
  onStatement?: StatementListener | undefined;
}

/** Opens a connection. @throws what SQLite throws; the caller maps it */
export function openConnection(options: ConnectionOptions): RawConnection {
  const connection = openUnchanged(options);
  try {
    if (!options.readonly) useDurableLog(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Opens a connection and leaves the file as it is: whose it is has to be found out first. */
export function openUnchanged({ source, readonly, busyTimeoutMs, onStatement }: ConnectionOptions): RawConnection {
  const connection = new BetterSqlite3(source, { readonly, timeout: busyTimeoutMs });
  try {
    connection.pragma("foreign_keys = ON");
    if (onStatement) listenToStatements(connection, onStatement);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * The log is written into the file when it has so many pages (16 MiB): a page that many commits have written is copied once,
 * and the file is synced a quarter as often as SQLite would.
 */
const CHECKPOINT_PAGES = 4_096;

/** It grows beyond this only while somebody reads what it replaces. */
const LARGEST_LOG_BYTES = 24 * 1024 * 1024;

/** How much of the file the writing connection keeps in memory at the most. */
const WRITER_CACHE_KIB = 16 * 1024;

export function useDurableLog(connection: RawConnection): void {
  connection.pragma("journal_mode = WAL");
  // FULL syncs the log at every commit: what was acknowledged survives a power cut. Group commit spares those the sync that
  // need not wait for it.
  connection.pragma("synchronous = FULL");
  // What a savepoint would have to undo is kept in memory: it is not worth a file, which it would be after 64 KiB.
  connection.pragma("temp_store = MEMORY");
  // The pages that many workflows write by turns are more than the 2 MiB that SQLite keeps.
  connection.pragma(`cache_size = -${WRITER_CACHE_KIB}`);
  connection.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  // After a burst, or a reader that took its time, the log is cut back; else its file keeps its size for ever.
  connection.pragma(`journal_size_limit = ${LARGEST_LOG_BYTES}`);
}

/** How many compiled statements a connection keeps; chunked lists make a few lengths, the rest is fixed. */
const STATEMENT_CACHE_LIMIT = 1000;

/** A Kysely instance on this connection that prepares each SQL text once and throws named errors. */
export function createExecutor(connection: RawConnection, location: string): Kysely<Schema> {
  const statements = new Map<string, NamedStatement>();
  const prepare = (sql: string): NamedStatement => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = withNamedErrors(connection, sql, location);
      if (statements.size >= STATEMENT_CACHE_LIMIT) statements.clear();
      statements.set(sql, statement);
    }
    return statement;
  };
  const database = { prepare: (sql: string) => prepare(sql).forKysely, close: () => connection.close() };
  const executor = new Kysely<Schema>({ dialect: new SqliteDialect({ database }) });
  usePreparedStatements(executor, prepare);
  return executor;
}

interface NamedStatement extends PreparedStatement {
  readonly forKysely: SqliteStatement;
}

function withNamedErrors(connection: RawConnection, sql: string, location: string): NamedStatement {
  const attempt = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw mapSqliteError(error, location);
    }
  };
  const statement = attempt(() => connection.prepare(sql));
  const { reader } = statement;
  const all = (parameters: readonly unknown[]) => attempt(() => statement.all(...parameters));
  return {
    reader,
    all,
    iterate: function* (parameters) {
      try {
        yield* statement.iterate(...parameters);
      } catch (error) {
        throw mapSqliteError(error, location);
      }
    },
    get: (parameters) => attempt(() => statement.get(...parameters)),
    run: (parameters) => attempt(() => statement.run(...parameters).changes),
    forKysely: {
      reader,
      all,
      run: (parameters) => attempt(() => statement.run(...parameters)),
      iterate: (parameters) => attempt(() => statement.iterate(...parameters)),
    },
  };
}
