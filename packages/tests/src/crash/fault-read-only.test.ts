/**
 * A file, a folder or a file system that can't be written. Permissions do not hold for root, so that the processes here
 * run as somebody else where the tests run as root.
 */
import { chmodSync, chownSync, existsSync, readFileSync } from "node:fs";
import { openDatabase } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OutsideWorld } from "./faults/outside-world.ts";
import { NOBODY, Place } from "./faults/place.ts";

let world: OutsideWorld;
let place: Place;
beforeEach(async () => {
  world = await new OutsideWorld().open();
  place = new Place(world);
  await (await openDatabase(place.location)).close();
  if (process.getuid?.() === 0) for (const path of [place.folder, place.path]) chownSync(path, NOBODY, NOBODY);
});
afterEach(async () => {
  chmodSync(place.folder, 0o755);
  await place.dispose();
  await world.close();
});

const unprivileged = true;

test("as on a file system that is mounted read-only: the engine says so, changes no byte and tells nobody anything", async () => {
  const before = readFileSync(place.path);
  chmodSync(place.path, 0o444);
  chmodSync(place.folder, 0o555);
  const { exitCode, output } = await place.runOnce({ unprivileged });
  expect([exitCode, output]).toEqual([1, expect.stringContaining("is read-only. Millrace must be able to write")]);
  expect(readFileSync(place.path).equals(before)).toBe(true);
  expect(world.told).toEqual([]);
});

test("a read-only file is refused, and runs once it may be written again", async () => {
  chmodSync(place.path, 0o444);
  const refused = await place.runOnce({ unprivileged });
  expect([refused.exitCode, refused.output]).toEqual([1, expect.stringContaining("those beside it that end in -wal")]);
  for (const ending of ["", "-wal", "-shm"]) {
    if (existsSync(`${place.path}${ending}`)) chmodSync(`${place.path}${ending}`, 0o644);
  }
  const { exitCode } = await place.runOnce({ unprivileged });
  expect([exitCode, world.told]).toEqual([0, ["o-1"]]);
});
