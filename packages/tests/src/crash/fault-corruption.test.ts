/**
 * Damage to the database's file. What SQLite can see is refused by a named error, explained by `millrace doctor`, and
 * undone by a backup. What it can't see is a changed byte of a value: it keeps no checksums.
 */
import { CorruptDatabaseError, NotADatabaseError } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { damagePage, fillDatabase, PAGE_BYTES, pagesOf, readEvents, restore } from "./faults/filled-database.ts";
import { OutsideWorld } from "./faults/outside-world.ts";
import { Place } from "./faults/place.ts";

let world: OutsideWorld;
let place: Place;
beforeEach(async () => {
  world = await new OutsideWorld().open();
  place = new Place(world);
});
afterEach(async () => {
  await place.dispose();
  await world.close();
});

const lastPageOf = (name: string) => pagesOf(place.path, name).at(-1) ?? Number.NaN;

describe.each([
  ["a page of a table", () => damagePage(place.path, lastPageOf("events")), CorruptDatabaseError, "malformed"],
  ["a page of an index", () => damagePage(place.path, lastPageOf("events_pending_index")), null, "malformed"],
  ["the page of the schema", () => damagePage(place.path, 1, 100), CorruptDatabaseError, "is damaged"],
  ["the file's header", () => damagePage(place.path, 1, 0, 100), NotADatabaseError, "is not an SQLite database"],
])("when %s is damaged", (_what, harm, errorClass, explanation) => {
  test("it is refused by a named error, doctor explains it, and a backup restores it", async () => {
    const backup = `${place.path}-backup`;
    await fillDatabase(place.path, 50);
    const before = await readEvents(place.path);
    expect((await place.millrace("backup", backup)).exitCode).toBe(0);
    harm();
    if (errorClass) await expect(readEvents(place.path)).rejects.toThrow(errorClass);

    const { exitCode, output } = await place.millrace("doctor");
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^DAMAGED +database/m);
    expect(output).toContain(explanation);
    expect(output).toContain("put the last backup in the place of the database");

    restore(backup, place.path);
    expect(await readEvents(place.path)).toEqual(before);
    expect((await place.millrace("doctor")).output).toContain("All is well.");
  });
});

test("an engine on a damaged database tells nobody anything, and says what to do", async () => {
  await place.runOnce({ faults: { FAULT_ORDERS: "0" } });
  damagePage(place.path, lastPageOf("workflows"), PAGE_BYTES / 2, PAGE_BYTES / 2);
  const { exitCode, output } = await place.runOnce();
  expect([exitCode, output]).toEqual([1, expect.stringContaining("is damaged. Stop using it")]);
  expect(output).toContain("millrace doctor");
  expect(world.told).toEqual([]);
});

test("a backup of a damaged database is not made, and the last good one stays", async () => {
  const backup = `${place.path}-backup`;
  await fillDatabase(place.path, 50);
  expect((await place.millrace("backup", backup)).exitCode).toBe(0);
  damagePage(place.path, lastPageOf("events"));
  const { exitCode, output } = await place.millrace("backup", backup, "--force");
  expect([exitCode, output]).toEqual([1, expect.stringContaining("is damaged")]);
  expect((await readEvents(backup)).messageIds).toHaveLength(50);
});
