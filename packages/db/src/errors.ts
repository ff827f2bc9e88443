/** The named errors of the database: each says what is wrong, where, and what to do. */

/** The base of every error that @millrace/db throws on purpose. */
export class DatabaseError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The location given to `openDatabase` is not one that Millrace understands. */
export class InvalidLocationError extends DatabaseError {
  readonly location: string;

  constructor(location: string) {
    super(
      `"${location}" is not a database location. Use "sqlite:path/to/file.sqlite", or "sqlite::memory:" for one that is gone when it is closed.`,
    );
    this.location = location;
  }
}

/** There is no database, and none was to be made. */
export class NoDatabaseError extends DatabaseError {
  readonly location: string;

  constructor(location: string, found: "nothing" | "another database") {
    super(
      found === "nothing"
        ? `There is no database at ${location}, and none was made. Check the path.`
        : `The database ${location} is not one of Millrace's. Nothing was changed in it; check the path.`,
    );
    this.location = location;
  }
}

/** The file can't be opened: a folder is missing, the path is a folder, or permission is missing. */
export class CannotOpenDatabaseError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(
      `The database ${location} can't be opened. Check that its folder exists, that you may write there, and that this process may open more files (ulimit -n).`,
      {
        cause,
      },
    );
    this.location = location;
  }
}

/** The file holds something that is not an SQLite database. */
export class NotADatabaseError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(
      `The file ${location} is not an SQLite database. Nothing was changed in it; check the path, or move the file away.`,
      { cause },
    );
    this.location = location;
  }
}

/** The file is damaged. */
export class CorruptDatabaseError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(`The database ${location} is damaged. Stop using it and restore it from a backup.`, { cause });
    this.location = location;
  }
}

/** The file, or the folder it is in, can't be written. */
export class ReadOnlyDatabaseError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(
      `The database ${location} is read-only. Millrace must be able to write the file, those beside it that end in -wal and -shm, and its folder.`,
      { cause },
    );
    this.location = location;
  }
}

/** Another process holds the write lock for longer than the busy timeout. */
export class DatabaseLockedError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(
      `The database ${location} is locked by another process. Nothing was written; end the other process, or try again.`,
      { cause },
    );
    this.location = location;
  }
}

/** Another engine owns this database. */
export class DatabaseOwnedError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(
      `The database ${location} is already run by another Millrace process. One engine owns a database at a time: stop the other one first.`,
      { cause },
    );
    this.location = location;
  }
}

/** The disk, or the quota, is full. */
export class DatabaseFullError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(`The disk that holds the database ${location} is full. Nothing was half-written; free some space.`, {
      cause,
    });
    this.location = location;
  }
}

/** The operating system failed to read or write the file. */
export class DatabaseInputOutputError extends DatabaseError {
  readonly location: string;

  constructor(location: string, cause: unknown) {
    super(`Reading or writing the database ${location} failed. Check the disk.`, { cause });
    this.location = location;
  }
}

/** A file of an open database that is not in its place any more. */
export interface MovedFile {
  role: "database" | "log" | "lock";
  path: string;
  trouble: "deleted" | "replaced";
}

const WHAT_WAS_MOVED = {
  database: ["Its file", "Stop Millrace, put the right file there (or a backup of it), and start again."],
  log: ["Its write-ahead log", "Stop Millrace and start it again; what the log held has been put into the database."],
  lock: [
    "The file that says who runs it",
    "Another engine may run it now. Stop Millrace, see to it that no other engine runs, and start it again.",
  ],
} as const;

/** A file of the database was deleted or replaced while it was open: what would be written now would be lost. */
export class DatabaseMovedError extends DatabaseError {
  readonly location: string;
  readonly file: MovedFile;

  constructor(location: string, file: MovedFile) {
    const [what, advice] = WHAT_WAS_MOVED[file.role];
    super(
      `The database ${location} is not used any more. ${what} ${file.path} was ${file.trouble} while it was open. ${advice}`,
    );
    this.location = location;
    this.file = file;
  }
}

/** The database is closed, or being closed. */
export class DatabaseClosedError extends DatabaseError {
  readonly location: string;

  constructor(location: string) {
    super(`The database ${location} is closed.`);
    this.location = location;
  }
}

const TARGET_TROUBLE = {
  exists: "is there already. Nothing was written; choose another name",
  "no folder": "has no folder to be in. Make the folder first, or check the path",
} as const;

/** The file that a backup was to be written to can't be used. */
export class BackupTargetError extends DatabaseError {
  readonly path: string;

  constructor(path: string, trouble: keyof typeof TARGET_TROUBLE, cause?: unknown) {
    super(`The backup's file ${path} ${TARGET_TROUBLE[trouble]}.`, { cause });
    this.path = path;
  }
}

/** The database was made by a newer version of Millrace. */
export class NewerDatabaseError extends DatabaseError {
  readonly location: string;
  readonly unknownMigrations: readonly string[];

  constructor(location: string, unknownMigrations: readonly string[]) {
    super(
      `The database ${location} was made by a newer version of Millrace (unknown migrations: ${unknownMigrations.join(", ")}). Update Millrace to open it.`,
    );
    this.location = location;
    this.unknownMigrations = unknownMigrations;
  }
}

/** A migration failed. All of them are one transaction, so the database is as it was. */
export class MigrationFailedError extends DatabaseError {
  readonly location: string;
  readonly migration: string;

  constructor(location: string, migration: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `The database ${location} can't be brought to this version's schema: ${migration} failed (${reason}). Nothing was changed in it. Was it changed by hand? Restore it from a backup.`,
      { cause },
    );
    this.location = location;
    this.migration = migration;
  }
}

/** A transaction was used after its end, or a call inside a transaction left out its `tx`. */
export class TransactionMisuseError extends DatabaseError {}

/** A row that was named by its id (or key) does not exist. */
export class NotFoundError extends DatabaseError {
  readonly table: string;
  readonly key: string;

  constructor(table: string, key: string) {
    super(`There is no row ${key} in ${table}.`);
    this.table = table;
    this.key = key;
  }
}

/** A row that must always be there was to be deleted. */
export class ProtectedRowError extends DatabaseError {
  constructor(table: string, key: string) {
    super(`The row ${key} in ${table} must stay: everything else depends on it.`);
  }
}

/** A JSON column holds something that is not the JSON it should be. */
export class CorruptRowError extends DatabaseError {
  readonly table: string;
  readonly id: string;
  readonly column: string;

  /** @param why what is wrong with JSON that is valid but not what it should be */
  constructor(table: string, id: string, column: string, cause: unknown, why?: string) {
    const fault = why === undefined ? "does not hold valid JSON." : `can't be read: ${why}`;
    super(`The column ${column} of ${table} row ${id} ${fault}`, { cause });
    this.table = table;
    this.id = id;
    this.column = column;
  }
}

/** A value can't be stored as JSON without losing something. */
export class NotSerialisableError extends DatabaseError {
  readonly what: string;
  readonly path: string;
  readonly found: string;

  constructor(what: string, path: string, found: string) {
    super(`${what} can't be stored: at ${path} it holds ${found}. Only plain JSON values are kept.`);
    this.what = what;
    this.path = path;
    this.found = found;
  }
}

/** A value is larger than the limit. */
export class ValueTooLargeError extends DatabaseError {
  readonly what: string;
  readonly bytes: number;
  readonly limitBytes: number;

  constructor(what: string, bytes: number, limitBytes: number) {
    super(
      `${what} is ${bytes} bytes; the limit is ${limitBytes}. Keep the bulk elsewhere and store a reference to it.`,
    );
    this.what = what;
    this.bytes = bytes;
    this.limitBytes = limitBytes;
  }
}

/** Some of the events to reserve were not pending, or were replaced since they were seen. None was reserved. */
export class ReservationConflictError extends DatabaseError {
  readonly eventIds: readonly string[];

  constructor(eventIds: readonly string[]) {
    super(
      `These events are not pending as they were seen and can't be reserved: ${eventIds.join(", ")}. None was reserved.`,
    );
    this.eventIds = eventIds;
  }
}

/** A status or phase was to change in a way that its state machine does not allow. */
export class IllegalTransitionError extends DatabaseError {
  readonly table: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;

  constructor(table: string, id: string, from: string, to: string) {
    super(`${table} row ${id} can't go from ${from} to ${to}.`);
    this.table = table;
    this.id = id;
    this.from = from;
    this.to = to;
  }
}

/** A row was no longer in the state that a guarded update expected: someone else changed it first. */
export class TransitionConflictError extends DatabaseError {
  readonly table: string;
  readonly id: string;
  readonly expected: string;
  readonly actual: string;

  constructor(table: string, id: string, expected: string, actual: string) {
    super(`${table} row ${id} was expected to be ${expected} but is ${actual}: another change came first.`);
    this.table = table;
    this.id = id;
    this.expected = expected;
    this.actual = actual;
  }
}

/** A write would break a constraint of the schema. */
export class ConstraintViolationError extends DatabaseError {
  readonly kind: "unique" | "foreign key" | "check" | "not null" | "other";
  readonly detail: string;

  constructor(kind: "unique" | "foreign key" | "check" | "not null" | "other", detail: string, cause: unknown) {
    super(`A ${kind} constraint does not hold: ${detail}`, { cause });
    this.kind = kind;
    this.detail = detail;
  }
}
