import { createHash } from "node:crypto";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { expect, test } from "vitest";
import { createOldDatabase } from "../support/old-database.ts";
import { withFolder } from "./migrating-child.ts";
import { createRelease, EARLIER_VERSIONS, readSchema, VERSIONS } from "./old-release.ts";

/**
 * Of the schema that each version's migrations make. A released migration never changes: who sees one of these tests
 * fail takes the edit back, and writes a new migration, whose digest is then added here.
 */
const SCHEMA_DIGESTS: Readonly<Record<string, string>> = {
  "0001-initial": "50e5207d5ad92f5a0b9285137f8ee7604f86002e3956a1806d8456e929f18185",
  "0002-jobs": "2d5097761598b24697c15d40c16c03b639a7800728932802f3645a39ff91bc47",
  "0003-schedules-and-notifications": "ceda20ac370d10fa80b70f640ae1d04d1b98f942438905fb8f59c1cb39c6a37d",
  "0004-host": "5d945ccfebcccee3ee1b8b8642e6ce279c0af9815e9f6ce9476980e898d1dfcc",
  "0005-replay": "74a8ad0b2f4173d06339e488641a6f9578681a911726dc55427d4832907be126",
  "0006-phase-times": "900684083f57778e5dd8bc239b386d6243de28e6ea179e8d2e7cdea57aaf3a36",
  "0007-compared-words": "da86cade4d6b95a41007727d649e01752d7d3c5964ff4a565155aa8cf59de2a3",
};

async function withDatabase<T>(
  create: (path: string) => Promise<void>,
  work: (connection: BetterSqlite3.Database) => T,
): Promise<T> {
  return withFolder(async (folder) => {
    const path = join(folder, "old.sqlite");
    await create(path);
    const connection = new BetterSqlite3(path);
    try {
      return work(connection);
    } finally {
      connection.close();
    }
  });
}

test.each(VERSIONS.map((name, index) => ({ name, version: index + 1 })))(
  "the migrations up to $name make the schema that they made when they were released",
  async ({ name, version }) => {
    await withDatabase(
      async (path) => void (await createOldDatabase(path, version)).close(),
      (connection) => {
        // The tables in which Kysely keeps its record are its own.
        const lines = readSchema(connection).filter((line) => !line.includes("kysely_migration"));
        expect([name, createHash("sha256").update(lines.join("\n")).digest("hex")]).toEqual([
          name,
          SCHEMA_DIGESTS[name],
        ]);
      },
    );
  },
);

test.each(EARLIER_VERSIONS)(
  "the database of version %i that these tests migrate has every word of every status, and nulls wherever they may be",
  async (version) => {
    await withDatabase(
      (path) => createRelease(path, version),
      (connection) => {
        expect(findMissing(connection)).toEqual([]);
      },
    );
  },
);

/** Columns that are null, or not null, in every row of the database though they may be both; words that occur nowhere. */
function findMissing(connection: BetterSqlite3.Database): string[] {
  // The statement has these columns.
  const columns = connection
    .prepare(
      `select t.name as "table", t.sql, c.name as "column", c."notnull", c.pk from sqlite_schema t, pragma_table_info(t.name) c
       where t.type = 'table' and t.name not like 'kysely%'`,
    )
    .all() as { table: string; sql: string; column: string; notnull: number; pk: number }[];
  const count = (table: string, where: string, ...values: string[]) =>
    connection.prepare(`select count(*) from ${table} where ${where}`).pluck().get(values);
  return columns.flatMap(({ table, sql, column, notnull }) => {
    // Some versions have a list of the words, others compare each of them.
    const check = `check \\(("${column}" in \\([^)]*\\)|(?:(?: or )?"${column}" = '[^']*')+)\\)`;
    const [, list = ""] = new RegExp(check).exec(sql) ?? [];
    const words = [...list.matchAll(/'([^']*)'/g)].map(([, word = ""]) => word);
    return [
      ...words.filter((word) => count(table, `${column} = ?`, word) === 0).map((word) => `${table}.${column}: ${word}`),
      ...(count(table, `${column} is not null`) === 0 ? [`${table}.${column}: only nulls`] : []),
      ...(notnull === 0 && count(table, `${column} is null`) === 0 ? [`${table}.${column}: no null`] : []),
    ];
  });
}
