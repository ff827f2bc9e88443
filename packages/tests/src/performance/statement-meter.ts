/**
 * Runs statements again, on a copy of the database that they were run on, and reads from SQLite's own counters what each
 * of them cost. The driver does not show these counters; SQLite's build for WebAssembly does. It has to be of the driver's
 * version, so that the plans are the same (a test compares them).
 */
import init, {
  type BindableValue,
  type Database,
  type PreparedStatement,
  type Sqlite3Static,
} from "@sqlite.org/sqlite-wasm";
import type { Statement } from "./statement-trace.ts";

export interface StatementCost {
  /** Instructions of SQLite's virtual machine: they follow the rows that are looked at, not the depth of a tree. */
  steps: number;
  /** Rows passed while a table or an index was read from one end to the other. */
  scanned: number;
  /** Sorts that no index made needless. */
  sorts: number;
  /** How often SQLite compiled it again although it was prepared: each time costs more than the statement itself. */
  recompiled: number;
}

/** For what the statements add. */
const ROOM_BYTES = 32 * 1024 * 1024;

export class StatementMeter {
  private readonly prepared = new Map<string, PreparedStatement>();
  private readonly sqlite: Sqlite3Static;
  private readonly database: Database;

  private constructor(sqlite: Sqlite3Static, database: Database) {
    this.sqlite = sqlite;
    this.database = database;
  }

  /** @param image the bytes of a database file, less than 2 GiB */
  static async open(image: Buffer): Promise<StatementMeter> {
    const sqlite = await init();
    const { capi, wasm } = sqlite;
    const database = new sqlite.oo1.DB(":memory:");
    // With room to grow: a large one could not be copied into a larger place.
    const room = image.byteLength + ROOM_BYTES;
    const place = wasm.alloc(room);
    wasm.heap8u().set(image, place);
    const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_RESIZEABLE;
    const result = capi.sqlite3_deserialize(database, "main", place, image.byteLength, room, flags);
    database.checkRc(result);
    database.exec("pragma foreign_keys = on");
    return new StatementMeter(sqlite, database);
  }

  get version(): string {
    return this.sqlite.version.libVersion;
  }

  /** Runs a statement to its end; it is prepared once, as the stores do. */
  run({ sql, parameters }: Statement): StatementCost {
    const statement = this.prepare(sql);
    // The stores bind what SQLite can hold, and nothing else.
    if (parameters.length > 0) statement.bind(parameters as readonly BindableValue[]);
    while (statement.step());
    const { capi } = this.sqlite;
    const read = (counter: Parameters<typeof capi.sqlite3_stmt_status>[1]) =>
      capi.sqlite3_stmt_status(statement, counter, 1);
    const cost = {
      steps: read(capi.SQLITE_STMTSTATUS_VM_STEP),
      scanned: read(capi.SQLITE_STMTSTATUS_FULLSCAN_STEP),
      sorts: read(capi.SQLITE_STMTSTATUS_SORT),
      recompiled: read(capi.SQLITE_STMTSTATUS_REPREPARE),
    };
    // With its values, as the driver does.
    statement.reset(true);
    return cost;
  }

  /** What the database holds now, as the bytes of a database file. */
  serialise(): Buffer {
    return Buffer.from(this.sqlite.capi.sqlite3_js_db_export(this.database));
  }

  close(): void {
    for (const statement of this.prepared.values()) statement.finalize();
    this.database.close();
  }

  private prepare(sql: string): PreparedStatement {
    const known = this.prepared.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    this.prepared.set(sql, statement);
    return statement;
  }
}
