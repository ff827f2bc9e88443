/** A database whose files are deleted or replaced while it is open is not used any more, and says why. */
import { cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStores, DatabaseMovedError, openDatabase } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-moved-"));
  path = join(folder, "test.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const workflow = { name: "a", status: "active", handlerConfig: {} } as const;

async function openOwned() {
  const database = await openDatabase(`sqlite:${path}`);
  database.acquireOwnership();
  const { workflows } = createStores(database);
  await workflows.create(workflow, 1);
  return { database, workflows };
}

function replace(file: string): void {
  cpSync(file, `${file}-other`);
  renameSync(`${file}-other`, file);
}

test.each([
  ["its file is deleted", "", rmSync, "Its file", "deleted"],
  ["its file is replaced", "", replace, "Its file", "replaced"],
  ["its log is deleted", "-wal", rmSync, "Its write-ahead log", "deleted"],
  ["its log is replaced", "-wal", replace, "Its write-ahead log", "replaced"],
  ["its lock is deleted", "-owner", rmSync, "The file that says who runs it", "deleted"],
] as const)("nothing is written and nothing is read once %s", async (_what, ending, harm, named, trouble) => {
  const { database, workflows } = await openOwned();
  harm(`${path}${ending}`);
  const refused = workflows.create({ ...workflow, name: "b" }, 2);
  await expect(refused).rejects.toThrow(DatabaseMovedError);
  await expect(refused).rejects.toThrow(`${named} ${path}${ending} was ${trouble} while it was open.`);
  await expect(workflows.list()).rejects.toThrow(DatabaseMovedError);
  await expect(workflows.create({ ...workflow, name: "c" }, 3)).rejects.toThrow(DatabaseMovedError);
  await expect(database.statistics()).rejects.toThrow(DatabaseMovedError);
  await expect(database.check()).rejects.toThrow(DatabaseMovedError);
  await expect(database.backup(join(folder, "copy"))).rejects.toThrow(DatabaseMovedError);
  expect(() => database.assertInPlace()).toThrow(DatabaseMovedError);
  await database.close();
});

test("what the deleted log held is in the database when it is opened again", async () => {
  const { database, workflows } = await openOwned();
  rmSync(`${path}-wal`);
  await expect(workflows.create({ ...workflow, name: "b" }, 2)).rejects.toThrow(DatabaseMovedError);
  await database.close();
  const again = await openDatabase(`sqlite:${path}`);
  expect((await createStores(again).workflows.list()).map(({ name }) => name)).toEqual(["a"]);
  await again.close();
});
