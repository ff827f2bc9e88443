/** What a crash leaves beside the database: its write-ahead log and the index of that log, whole or not, its own or not. */
import { cpSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { openDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fillDatabase, publishEvents, readEvents, restore } from "./faults/filled-database.ts";
import { OutsideWorld } from "./faults/outside-world.ts";
import { Place, WORKFLOWS } from "./faults/place.ts";

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

const FIRST = 40;
const SECOND = 120;
/** A log beyond this is put into the database on the way: 1,000 pages. */
const ALL = FIRST + SECOND;

/** The files as a crash leaves them: 40 events in the database, 120 more in its log. */
async function leaveLog(): Promise<void> {
  const living = `${place.path}-living`;
  await fillDatabase(living, FIRST);
  const database = await openDatabase(`sqlite:${living}`);
  for (let batch = 0; batch < 4; batch += 1) await publishEvents(database, `second-${batch}`, SECOND / 4);
  for (const ending of ["", "-wal", "-shm"]) cpSync(`${living}${ending}`, `${place.path}${ending}`);
  await database.close();
}

const whole = { messageIds: { length: ALL }, damage: [] };

describe("a log that a crash has left", () => {
  test("is put into the database at the next start: all that was acknowledged is there", async () => {
    const running = place.start(["run", WORKFLOWS], { faults: { FAULT_ORDERS: "2" } });
    await running.says("done");
    await running.says("o-2");
    running.kill("SIGKILL");
    await running.ended;
    expect(place.has("-wal")).toBe(true);
    const { exitCode } = await place.runOnce({ faults: { FAULT_ORDERS: "2" } });
    expect([exitCode, world.told]).toEqual([0, ["o-1", "o-2"]]);
    expect(place.has("-wal")).toBe(false);
  });

  test.each([
    ["is as it was", () => undefined],
    ["is gone", () => rmSync(`${place.path}-shm`)],
    ["is stale", () => cpSync(`${place.path}-living-shm`, `${place.path}-shm`)],
    ["is nonsense", () => writeFileSync(`${place.path}-shm`, Buffer.alloc(32_768, 0xa7))],
  ])("is read whole when its index %s", async (_how, harm) => {
    await leaveLog();
    await fillDatabase(`${place.path}-other`, 1);
    const other = await openDatabase(`sqlite:${place.path}-other`);
    cpSync(`${place.path}-other-shm`, `${place.path}-living-shm`);
    await other.close();
    harm();
    expect(await readEvents(place.path)).toMatchObject(whole);
  });

  test("and that was cut off is read up to its last whole commit; the database is whole", async () => {
    await leaveLog();
    truncateSync(`${place.path}-wal`, Math.floor(statSync(`${place.path}-wal`).size / 2));
    const { messageIds, damage } = await readEvents(place.path);
    expect(damage).toEqual([]);
    expect(messageIds.length).toBeGreaterThan(FIRST);
    expect(messageIds.length).toBeLessThan(ALL);
    // What is there is what came first.
    const second = messageIds.filter((id) => id.startsWith("second-0"));
    expect(second).toHaveLength(SECOND / 4);
  });
});

describe("a log that is not the database's own", () => {
  test("harms it; doctor says so, and a backup restores it", async () => {
    const other = `${place.path}-other`;
    await leaveLog();
    await fillDatabase(other, 300);
    const before = await readEvents(other);
    const database = await openDatabase(`sqlite:${other}`);
    await database.backup(`${other}-backup`);
    await database.close();
    cpSync(`${place.path}-wal`, `${other}-wal`);
    const { exitCode, output } = await place.millrace("doctor", "--database", `sqlite:${other}`);
    expect([exitCode, output]).toEqual([1, expect.stringMatching(/^DAMAGED +database/m)]);
    restore(`${other}-backup`, other);
    expect(await readEvents(other)).toEqual(before);
  });

  test("is deleted when a backup is restored, as the help of the backup says: exactly the backup is there", async () => {
    const backup = `${place.path}-backup`;
    await fillDatabase(place.path, FIRST);
    expect((await place.millrace("backup", backup)).exitCode).toBe(0);
    await leaveLog();
    const help = await place.millrace("backup", "--help");
    expect(help.output).toContain("delete the files beside the database that end in -wal");
    restore(backup, place.path);
    expect(await readEvents(place.path)).toEqual(await readEvents(backup));
    expect((await readEvents(place.path)).messageIds).toHaveLength(FIRST);
  });
});
