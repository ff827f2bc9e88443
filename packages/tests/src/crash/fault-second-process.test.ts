/** One engine runs a database at a time, by a lock that dies with its holder; who only reads or decides is not kept out. */
import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
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

test("a second engine is refused, also by another name of the file, until the first one is killed", async () => {
  const { arrived } = world.hold();
  const first = place.start(["run", WORKFLOWS], { faults: { FAULT_ORDERS: "2" } });
  await first.until(arrived);
  const alias = `${place.path}-alias`;
  symlinkSync(place.path, alias);
  const second = await place.runOnce();
  const byAlias = await place.runOnce({ faults: { MILLRACE_DATABASE: `sqlite:${alias}` } });
  for (const { exitCode, output } of [second, byAlias]) {
    expect(exitCode).toBe(1);
    expect(output).toContain("is already run by another Millrace process");
    expect(output).toContain("all other commands may be used");
  }
  // It has changed nothing of what the first one does.
  expect(world.told).toEqual(["o-1"]);
  expect((await place.summary()).outputs).toEqual(["in_flight"]);

  first.kill("SIGKILL");
  await first.ended;
  const third = await place.runOnce({ faults: { FAULT_ORDERS: "2" } });
  expect([third.exitCode, world.told]).toEqual([0, ["o-1", "o-2"]]);
  expect(await place.summary()).toMatchObject({ outputs: ["applied", "applied"], attention: [], damage: [] });
});

test("a process that only reads or decides works beside the engine, which hears of it", async () => {
  const running = place.start(["run", WORKFLOWS]);
  await running.says("done");
  for (const words of [["status"], ["runs"], ["doctor"], ["backup", `${place.path}-backup`]]) {
    expect([words, (await place.millrace(...words)).exitCode]).toEqual([words, 0]);
  }
  expect((await place.millrace("doctor")).output).toContain("One runs this database");
  expect((await place.millrace("pause", "orders")).exitCode).toBe(0);
  expect((await place.millrace("status")).output).toContain("paused");
  running.kill("SIGTERM");
  expect((await running.ended).exitCode).toBe(0);
  expect(world.told).toEqual(["o-1"]);
});
