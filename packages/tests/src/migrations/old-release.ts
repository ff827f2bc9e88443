/** Databases as each release left them, with rows in every table; and what migrating one must come to. */
import { createHash } from "node:crypto";
import { MIGRATIONS } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { createOldDatabase } from "../support/old-database.ts";
import { writeHostRows, writeJobNotifications, writeJobRows, writeReplays } from "./later-rows.ts";
import { writePendingWork } from "./pending-work.ts";
import { RowWriter } from "./row-writer.ts";
import { writeWorkflowRows } from "./workflow-rows.ts";

/** The migrations by name; the n-th schema version has the first n of them. */
export const VERSIONS = Object.keys(MIGRATIONS);

/** Every schema version before the present one. */
export const EARLIER_VERSIONS = VERSIONS.slice(0, -1).map((_name, index) => index + 1);

/** Enough rows of each kind for every status, phase and null. */
export const EVERY_KIND = 50;

/** @param count how many rows of most kinds */
export async function createRelease(path: string, version: number, count = EVERY_KIND): Promise<void> {
  const connection = await createOldDatabase(path, version);
  // Every release kept its rows so.
  connection.pragma("journal_mode = WAL");
  connection.transaction(() => {
    const writer = new RowWriter(connection);
    writeWorkflowRows(writer, version, count);
    if (version >= 2) writeJobRows(writer, count);
    if (version >= 3) writeJobNotifications(writer, count);
    if (version >= 4) writeHostRows(writer, count);
    if (version >= 5) writeReplays(writer, count);
    if (version >= 6) writePhaseTimes(connection);
    writePendingWork(writer, version);
  })();
  connection.close();
}

/** Of most runs, for earlier versions have written none. */
function writePhaseTimes(connection: BetterSqlite3.Database): void {
  connection.exec(
    `update handler_runs set prepared_at = started_at, mutating_at = started_at + 1, mutated_at = started_at + 2,
     emitting_at = started_at + 3 where rowid % 3 > 0`,
  );
}

/** What is in a database: the digest of each column, by table and column, and how many rows there are. */
export type Content = Readonly<Record<string, string>>;

const tablesOf = (connection: BetterSqlite3.Database): string[] => {
  const statement = connection.prepare(
    "select name from sqlite_schema where type = 'table' and name not like 'kysely%' order by name",
  );
  // The statement has one column of text.
  return statement.pluck().all() as string[];
};

/** Of every table's every column, rows in the order of their keys; a text and a number of the same look differ. */
export function readContent(connection: BetterSqlite3.Database): Content {
  const content: Record<string, string> = {};
  for (const table of tablesOf(connection)) {
    // The pragma has these columns.
    const columns = connection.pragma(`table_info(${table})`) as { name: string; pk: number }[];
    const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
    const cells = columns.map(({ name }) => `typeof(${name}) || ' ' || coalesce(hex(cast(${name} as blob)), '')`);
    const statement = connection.prepare(`select ${cells.join()} from ${table} order by ${keys.join()}`);
    const hashes = columns.map(() => createHash("sha256"));
    let rows = 0;
    // Every cell is a text.
    for (const row of statement.raw().iterate() as IterableIterator<string[]>) {
      rows += 1;
      for (const [index, hash] of hashes.entries()) hash.update(`${row[index] ?? ""}\n`);
    }
    for (const [index, { name }] of columns.entries()) {
      content[`${table}.${name}`] = `${rows} rows ${hashes[index]?.digest("hex") ?? ""}`;
    }
  }
  return content;
}

/** The schema as SQLite has it; names and spaces count, the order in which things were made does not. */
export function readSchema(connection: BetterSqlite3.Database): string[] {
  const statement = connection.prepare("select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_schema");
  // The statement has one column of text.
  const lines = statement.pluck().all() as string[];
  return lines.map((line) => line.replace(/\s+/g, " ")).toSorted();
}

/** The values of columns that an earlier version did not have, by the version that has them. */
const ADDED_COLUMNS: Readonly<Record<number, Readonly<Record<string, string | null>>>> = {
  3: {
    "producer_schedules.dst_gap": "shift",
    "producer_schedules.dst_overlap": "first",
    "notifications.job_id": null,
  },
  6: {
    "handler_runs.prepared_at": null,
    "handler_runs.mutating_at": null,
    "handler_runs.mutated_at": null,
    "handler_runs.emitting_at": null,
  },
};

/** What is wrong with a database that was migrated from one with this content; nothing when all is well. */
export function findLoss(path: string, before: Content, version: number, freshSchema: readonly string[]): string[] {
  const connection = new BetterSqlite3(path);
  try {
    const after = readContent(connection);
    const changed = Object.keys(before).filter((column) => after[column] !== before[column]);
    return [
      ...changed.map((column) => `${column} has changed`),
      ...findWrongAdditions(connection, version),
      ...findUnsound(connection),
      ...readSchema(connection)
        .filter((line) => !freshSchema.includes(line))
        .map((line) => `not in a new one: ${line}`),
      ...freshSchema
        .filter((line) => !readSchema(connection).includes(line))
        .map((line) => `only in a new one: ${line}`),
    ];
  } finally {
    connection.close();
  }
}

export function findUnsound(connection: BetterSqlite3.Database): string[] {
  const found = [connection.pragma("integrity_check"), connection.pragma("foreign_key_check")];
  return JSON.stringify(found) === '[[{"integrity_check":"ok"}],[]]' ? [] : [JSON.stringify(found)];
}

function findWrongAdditions(connection: BetterSqlite3.Database, version: number): string[] {
  const added = Object.entries(ADDED_COLUMNS).filter(([by]) => Number(by) > version);
  return added.flatMap(([, columns]) =>
    Object.entries(columns).flatMap(([name, value]) => {
      const [table, column] = name.split(".");
      const wrong = connection.prepare(`select count(*) from ${table} where ${column} is not ?`).pluck().get(value);
      return wrong === 0 ? [] : [`${String(wrong)} rows have another ${name}`];
    }),
  );
}
