/** A file of the database is deleted or replaced under a running engine: it notices, says so, and sends nothing more. */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { createStores, DatabaseMovedError, openDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OutsideWorld } from "./faults/outside-world.ts";
import { Place, WORKFLOWS, type RunningProcess } from "./faults/place.ts";

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

const TWO_ORDERS = { faults: { FAULT_ORDERS: "2" } };

/** Runs until the answer to the first of two orders is waited for, does `harm`, then lets the answer come. */
async function harmDuringCall(harm: () => void): Promise<RunningProcess> {
  const { arrived, answer } = world.hold();
  const running = place.start(["serve", WORKFLOWS, "--port", "0"], TWO_ORDERS);
  await running.until(arrived);
  harm();
  answer();
  return running;
}

async function isReady(running: RunningProcess): Promise<boolean> {
  const [, url = ""] = /dashboard: (http\S+)\/#/.exec(await running.says("dashboard:")) ?? [];
  return (await fetch(`${url}/readyz`)).ok;
}

/** What is there in the end when both orders were told, each once. */
async function expectBothToldOnce(): Promise<void> {
  expect(world.told).toEqual(["o-1", "o-2"]);
  expect(await place.summary()).toEqual({
    events: ["o-1 consumed", "o-1 pending", "o-2 consumed", "o-2 pending"],
    outputs: ["applied", "applied"],
    active: [],
    attention: [],
    damage: [],
  });
}

describe("the file of the database", () => {
  test("deleted: the engine says so, sends nothing more, is not ready, and ends when it is told to", async () => {
    const running = await harmDuringCall(() => rmSync(place.path));
    await running.says("millrace.sqlite was deleted while it was open");
    expect(await isReady(running)).toBe(false);
    running.kill("SIGTERM");
    expect((await running.ended).exitCode).toBe(0);
    expect(world.told).toEqual(["o-1"]);
    expect(place.has("")).toBe(false);
  });

  test("replaced by a backup: not a byte of it is changed, and it can be gone on with", async () => {
    const backup = `${place.path}-backup`;
    await place.runOnce({ faults: { FAULT_ORDERS: "0" } });
    expect((await place.millrace("backup", backup)).exitCode).toBe(0);
    expect((await place.millrace("pause", "orders")).exitCode).toBe(0);
    const bytes = readFileSync(backup);
    rmSync(place.path);
    const running = await harmDuringCall(() => renameSync(backup, place.path));
    await running.says("millrace.sqlite was replaced while it was open");
    expect(await isReady(running)).toBe(false);
    running.kill("SIGKILL");
    await running.ended;
    expect(readFileSync(place.path).equals(bytes)).toBe(true);
    // Of what the other file's log holds nothing comes into this one.
    expect(await place.summary()).toEqual({ events: [], outputs: [], active: [], attention: [], damage: [] });
  });

  test("moved away for a while and put back before the next start: what was acknowledged is all there", async () => {
    const aside = `${place.path}-aside`;
    const running = await harmDuringCall(() => renameSync(place.path, aside));
    await running.says("millrace.sqlite was deleted while it was open");
    running.kill("SIGKILL");
    await running.ended;
    renameSync(aside, place.path);
    // The answer could not be written down any more; the world is asked.
    expect((await place.runOnce(TWO_ORDERS)).exitCode).toBe(0);
    await expectBothToldOnce();
  });
});

describe("the write-ahead log", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)(
    "deleted: nothing that was acknowledged is lost, nothing more is sent, and after %s it goes on",
    async (signal) => {
      const running = await harmDuringCall(() => rmSync(`${place.path}-wal`));
      await running.says("millrace.sqlite-wal was deleted while it was open");
      expect(await isReady(running)).toBe(false);
      expect(world.told).toEqual(["o-1"]);
      running.kill(signal);
      await running.ended;
      expect((await place.runOnce(TWO_ORDERS)).exitCode).toBe(0);
      await expectBothToldOnce();
    },
  );
});

describe("the file that says who runs it", () => {
  test("deleted: a second engine may take the database over, and the first one sends nothing more", async () => {
    const { arrived, answer } = world.hold();
    const first = place.start(["run", WORKFLOWS], TWO_ORDERS);
    await first.until(arrived);
    rmSync(`${place.path}-owner`);
    const second = await place.runOnce(TWO_ORDERS);
    expect(second.exitCode).toBe(0);
    answer();
    await first.says("millrace.sqlite-owner was replaced while it was open");
    first.kill("SIGTERM");
    expect((await first.ended).exitCode).toBe(0);
    await expectBothToldOnce();
  });
});

describe("a program that embeds a database", () => {
  test("is told by a named error, at every use from then on, and can still close it", async () => {
    const database = await openDatabase(place.location);
    const { scripts, workflows } = createStores(database);
    rmSync(place.path);
    expect(() => database.assertInPlace()).toThrow(DatabaseMovedError);
    await expect(workflows.list()).rejects.toThrow("was deleted while it was open");
    await expect(database.statistics()).rejects.toThrow(DatabaseMovedError);
    await expect(database.backup(`${place.path}-copy`)).rejects.toThrow(DatabaseMovedError);
    await expect(database.transaction(async () => scripts)).rejects.toThrow(DatabaseMovedError);
    await database.close();
  });
});
