import BetterSqlite3 from "better-sqlite3";
import { expect, test } from "vitest";
import { ConstraintViolationError } from "../../errors.ts";
import { mapSqliteError } from "./error-mapping.ts";

const WHERE = "sqlite:here.sqlite";
const failure = (code: string) => new BetterSqlite3.SqliteError("it failed", code);

test.each([
  ["SQLITE_NOTADB", "NotADatabaseError"],
  ["SQLITE_CORRUPT", "CorruptDatabaseError"],
  ["SQLITE_CORRUPT_INDEX", "CorruptDatabaseError"],
  ["SQLITE_READONLY_DIRECTORY", "ReadOnlyDatabaseError"],
  ["SQLITE_BUSY_SNAPSHOT", "DatabaseLockedError"],
  ["SQLITE_LOCKED_SHAREDCACHE", "DatabaseLockedError"],
  ["SQLITE_FULL", "DatabaseFullError"],
  ["SQLITE_CANTOPEN_ISDIR", "CannotOpenDatabaseError"],
  ["SQLITE_IOERR_WRITE", "DatabaseInputOutputError"],
])("%s is told as a %s that says where and keeps its cause", (code, name) => {
  const cause = failure(code);
  expect(mapSqliteError(cause, WHERE)).toMatchObject({
    name,
    cause,
    location: WHERE,
    message: expect.stringContaining(WHERE),
  });
});

test.each([
  ["SQLITE_CONSTRAINT_UNIQUE", "unique"],
  ["SQLITE_CONSTRAINT_PRIMARYKEY", "unique"],
  ["SQLITE_CONSTRAINT_FOREIGNKEY", "foreign key"],
  ["SQLITE_CONSTRAINT_CHECK", "check"],
  ["SQLITE_CONSTRAINT_NOTNULL", "not null"],
  ["SQLITE_CONSTRAINT_TRIGGER", "other"],
])("%s is a violated constraint of the kind %s", (code, kind) => {
  const named = mapSqliteError(failure(code), WHERE);
  expect(named).toBeInstanceOf(ConstraintViolationError);
  expect(named).toMatchObject({ kind });
});

test("what is not known, and what is not of SQLite, is thrown as it is", () => {
  for (const error of [failure("SQLITE_MISUSE"), failure("odd"), new TypeError("no"), "text"])
    expect(mapSqliteError(error, WHERE)).toBe(error);
});
