import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CannotOpenDatabaseError, DatabaseOwnedError, NotADatabaseError } from "../../errors.ts";
import { isOwned, takeOwnership } from "./ownership.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-owner-"));
  path = join(folder, "test.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const take = () => takeOwnership(path, `sqlite:${path}`);

test("one engine owns a database at a time, until its connection is closed", () => {
  const owner = take();
  expect(take).toThrow(DatabaseOwnedError);
  owner.close();
  take().close();
});

test("whether a database is owned can be asked without taking it", () => {
  expect([isOwned(null), isOwned(path)]).toEqual([false, false]);
  const owner = take();
  expect(isOwned(path)).toBe(true);
  owner.close();
  expect(isOwned(path)).toBe(false);
  take().close();
});

test("a lock that can't be made, or is no lock, is told by its file", () => {
  expect(() => takeOwnership(join(folder, "no", "where"), "sqlite:where")).toThrow(CannotOpenDatabaseError);
  mkdirSync(`${path}-owner`);
  expect(take).toThrow(`${path}-owner`);
  rmSync(`${path}-owner`, { recursive: true });
  writeFileSync(`${path}-owner`, "This is a letter, not a lock. ".repeat(100));
  expect(take).toThrow(NotADatabaseError);
  expect(() => isOwned(path)).toThrow(NotADatabaseError);
});
