/** Why a migration failed is said by the error of its opening, and a new file stays empty. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConstraintViolationError, MigrationFailedError, MIGRATIONS, openDatabase } from "@millrace/db";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inspect } from "../support/old-database.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-failing-"));
  path = join(folder, "test.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function openWith(up: Migration["up"]): Promise<unknown> {
  // The list is closed to the code that uses it; a test may add to it.
  const migrations = MIGRATIONS as Record<string, Migration>;
  migrations["9999-fails"] = { up };
  try {
    return await openDatabase(`sqlite:${path}`).catch((error: unknown) => error);
  } finally {
    delete migrations["9999-fails"];
  }
}

test("what SQLite refuses in it keeps its name", async () => {
  const error = await openWith(async (db) => {
    await sql`insert into platforms select * from platforms`.execute(db);
  });
  expect(error).toBeInstanceOf(ConstraintViolationError);
  const tables = "select count(*) from sqlite_master";
  expect(inspect(path, (connection) => connection.prepare(tables).pluck().get())).toBe(0);
});

test("what it throws is told with its name, whether it is an error or not", async () => {
  for (const reason of [new Error("the power went off"), "the power went off"]) {
    const error = await openWith(() => Promise.reject(reason));
    expect(error).toBeInstanceOf(MigrationFailedError);
    expect(error).toMatchObject({ message: expect.stringContaining("9999-fails failed (the power went off)") });
  }
});
