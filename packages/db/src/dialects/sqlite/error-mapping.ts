/** Turns what better-sqlite3 throws into the named errors of this package, by SQLite's result code. */
import BetterSqlite3 from "better-sqlite3";
import {
  CannotOpenDatabaseError,
  ConstraintViolationError,
  CorruptDatabaseError,
  DatabaseFullError,
  DatabaseInputOutputError,
  DatabaseLockedError,
  NotADatabaseError,
  ReadOnlyDatabaseError,
} from "../../errors.ts";

const CONSTRAINT_KINDS: Record<string, ConstraintViolationError["kind"]> = {
  SQLITE_CONSTRAINT_UNIQUE: "unique",
  SQLITE_CONSTRAINT_PRIMARYKEY: "unique",
  SQLITE_CONSTRAINT_FOREIGNKEY: "foreign key",
  SQLITE_CONSTRAINT_CHECK: "check",
  SQLITE_CONSTRAINT_NOTNULL: "not null",
};

/** Gives the named error for an SQLite error; anything else is given back as it is. */
export function mapSqliteError(error: unknown, location: string): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error;
  const code = error.code;
  if (code.startsWith("SQLITE_CONSTRAINT")) {
    return new ConstraintViolationError(CONSTRAINT_KINDS[code] ?? "other", error.message, error);
  }
  // Extended codes (SQLITE_IOERR_WRITE …) begin with the primary one.
  const [, primary] = /^SQLITE_([A-Z]+)/.exec(code) ?? [];
  switch (primary) {
    case "NOTADB":
      return new NotADatabaseError(location, error);
    case "CORRUPT":
      return new CorruptDatabaseError(location, error);
    case "READONLY":
      return new ReadOnlyDatabaseError(location, error);
    case "BUSY":
    case "LOCKED":
      return new DatabaseLockedError(location, error);
    case "FULL":
      return new DatabaseFullError(location, error);
    case "CANTOPEN":
      return new CannotOpenDatabaseError(location, error);
    case "IOERR":
      return new DatabaseInputOutputError(location, error);
    default:
      return error;
  }
}
