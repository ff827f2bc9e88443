import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  CorruptDatabaseError,
  MigrationFailedError,
  NewerDatabaseError,
  NoDatabaseError,
  openDatabase,
} from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { expect, test } from "vitest";
import { createOldDatabase, inspect } from "../support/old-database.ts";
import { withFolder } from "./migrating-child.ts";
import { createRelease, readContent, readSchema } from "./old-release.ts";

interface Refused {
  what: string;
  /** The version that the database was left by; 0 for one of another program. */
  version: number;
  change: string;
  error: abstract new (...parameters: never[]) => Error;
  says: string;
}

const NEWER = "insert into kysely_migration (name, timestamp) values ('0999-from-the-future', '2030-01-01')";

const REFUSED: Refused[] = [
  { what: "a newer version's", version: 6, change: NEWER, error: NewerDatabaseError, says: "0999-from-the-future" },
  {
    what: "one with a migration that no version has",
    version: 3,
    change: "update kysely_migration set name = '0002-worker-pools' where name = '0002-jobs'",
    error: NewerDatabaseError,
    says: "0002-worker-pools",
  },
  {
    what: "another program's",
    version: 0,
    change: "create table notes (text); insert into notes values ('mine')",
    error: NoDatabaseError,
    says: "not one of Millrace's",
  },
  {
    what: "another program's that keeps its migrations as Millrace does",
    version: 0,
    change: `create table kysely_migration (name text primary key, timestamp text not null);
      insert into kysely_migration values ('2019-notes', ''); create table notes (text)`,
    error: NoDatabaseError,
    says: "not one of Millrace's",
  },
  {
    what: "one whose record of migrations has a gap",
    version: 5,
    change: "delete from kysely_migration where name = '0003-schedules-and-notifications'",
    error: CorruptDatabaseError,
    says: "damaged",
  },
  {
    what: "one whose record of migrations is empty",
    version: 4,
    change: "delete from kysely_migration",
    error: CorruptDatabaseError,
    says: "damaged",
  },
  {
    what: "one whose record of migrations is half written",
    version: 4,
    change: "drop table kysely_migration; create table kysely_migration (timestamp text)",
    error: CorruptDatabaseError,
    says: "damaged",
  },
  {
    what: "one whose record of migrations is gone",
    version: 4,
    change: "drop table kysely_migration",
    error: NoDatabaseError,
    says: "not one of Millrace's",
  },
  {
    what: "one whose record lacks the last migration that it has",
    version: 5,
    change: "delete from kysely_migration where name = '0005-replay'",
    error: MigrationFailedError,
    says: '0005-replay failed (table "replays" already exists)',
  },
];

async function withRefused(
  { version, change }: Refused,
  work: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "refused.sqlite");
    if (version > 0) (await createOldDatabase(path, version)).close();
    inspect(path, (connection) => {
      if (version > 0) connection.pragma("journal_mode = WAL");
      connection.exec(change);
    });
    await work(path, folder);
  });
}

test.each(REFUSED)("$what database is refused by name, and not a byte of it changes", async (refused) => {
  await withRefused(refused, async (path, folder) => {
    const before = readFileSync(path);
    for (const create of [true, false]) {
      const opening = openDatabase(`sqlite:${path}`, { create });
      const error: unknown = await opening.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(refused.error);
      expect(error).toMatchObject({ message: expect.stringContaining(refused.says) });
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["refused.sqlite"]);
  });
});

test("a newer version's database with a log that a crash left is refused, and nothing in it is lost or changed", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "newer.sqlite");
    await createRelease(path, 6);
    const crashed = new BetterSqlite3(path);
    crashed.exec(NEWER);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const look = () => inspect(path, (connection) => [readSchema(connection), readContent(connection)]);
    const before = look();
    await expect(openDatabase(`sqlite:${path}`)).rejects.toThrow(NewerDatabaseError);
    expect(look()).toEqual(before);
    crashed.close();
  });
});
