/** Opens a database: reads its location, migrates it to this version's schema, refuses what it can't be sure of. */
import { existsSync, realpathSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { DEFAULT_STORAGE_LIMITS, type StorageLimits } from "./database.ts";
import { createExecutor, openUnchanged, useDurableLog, type RawConnection } from "./dialects/sqlite/connection.ts";
import { mapSqliteError } from "./dialects/sqlite/error-mapping.ts";
import type { CommitHooks } from "./dialects/sqlite/group-commit.ts";
import { SqliteDatabase } from "./dialects/sqlite/sqlite-database.ts";
import type { StatementListener } from "./dialects/sqlite/statement-listener.ts";
import { CannotOpenDatabaseError, InvalidLocationError, NoDatabaseError } from "./errors.ts";
import { createIdSource, type IdSource } from "./ids.ts";
import { assertMigratable, migrateToLatest } from "./migrations/migrate.ts";

export interface OpenDatabaseOptions {
  limits?: Partial<StorageLimits>;
  /** Whether a database is made where there is none. Default true. */
  create?: boolean;
  /** How long a write waits for another process's lock, in milliseconds. Default 5,000. */
  busyTimeoutMs?: number;
  /** Makes the ids of new rows. Default: UUIDv7 from the system clock. */
  newId?: IdSource;
  /** Called around each commit; for crash tests. */
  hooks?: CommitHooks;
  /** Called before each statement that is run; for tests and measurements. */
  onStatement?: StatementListener;
  /** The bytes of a serialised database to start from; only with `sqlite::memory:`. */
  image?: Buffer;
}

/**
 * Opens `sqlite:path/to/file.sqlite` (made if it is missing; its folder must exist) or `sqlite::memory:`.
 * @throws InvalidLocationError, NoDatabaseError, CannotOpenDatabaseError, NotADatabaseError, ReadOnlyDatabaseError,
 *   DatabaseLockedError, DatabaseFullError, CorruptDatabaseError, NewerDatabaseError or MigrationFailedError, each
 *   saying which file
 */
export async function openDatabase(location: string, options: OpenDatabaseOptions = {}): Promise<SqliteDatabase> {
  const path = parseLocation(location);
  const busyTimeoutMs = options.busyTimeoutMs ?? 5_000;
  let writer: RawConnection | undefined;
  try {
    const create = options.create ?? true;
    if (!create && (path === null || !existsSync(path))) throw new NoDatabaseError(location, "nothing");
    const { onStatement } = options;
    writer = openUnchanged({
      source: path ?? options.image ?? ":memory:",
      readonly: false,
      busyTimeoutMs,
      onStatement,
    });
    // A log is for good: a file that is refused must not get one.
    const executed = await assertMigratable(createExecutor(writer, location), location);
    if (!create && executed.length === 0) throw new NoDatabaseError(location, "another database");
    useDurableLog(writer);
    await migrateAlone(writer, location);
    return new SqliteDatabase({
      location,
      // Whoever opens it by another name must find the same log, lock and doorbell.
      path: path === null ? null : realpathSync(path),
      writer,
      limits: { ...DEFAULT_STORAGE_LIMITS, ...options.limits },
      newId: options.newId ?? createIdSource({ now: Date.now }),
      busyTimeoutMs,
      hooks: options.hooks ?? {},
      onStatement,
    });
  } catch (error) {
    writer?.close();
    // better-sqlite3 has no code for a folder that is missing.
    if (!writer && error instanceof TypeError) throw new CannotOpenDatabaseError(location, error);
    throw mapSqliteError(error, location);
  }
}

/**
 * Migrates while no other process can write: of several that open a new file at once one migrates, the others find it
 * done. A file that is locked or read-only says so here, not at the first write.
 */
async function migrateAlone(writer: RawConnection, location: string): Promise<void> {
  writer.exec("BEGIN IMMEDIATE");
  try {
    await migrateToLatest(createExecutor(writer, location), location);
    writer.exec("COMMIT");
  } catch (error) {
    if (writer.inTransaction) writer.exec("ROLLBACK");
    throw error;
  }
}

/** The absolute path of a file location, or null for one in memory. */
function parseLocation(location: string): string | null {
  const [, path] = /^sqlite:(.+)$/s.exec(location) ?? [];
  if (path === undefined || path.includes("\0")) throw new InvalidLocationError(location);
  if (path === ":memory:") return null;
  if (path.startsWith(":")) throw new InvalidLocationError(location);
  return isAbsolute(path) ? path : resolve(path);
}
