/** Too many open files: errors with names, nothing done twice, and it goes on once there is room. */
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OutsideWorld } from "./faults/outside-world.ts";
import { Place, WORKFLOWS } from "./faults/place.ts";

const PROGRAM = fileURLToPath(new URL("faults/descriptors-process.ts", import.meta.url));

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

test("however few files may be opened, opening a database, running it and backing it up fail by name or succeed", async () => {
  const { exitCode, output } = await place.startProgram([PROGRAM, place.path], { descriptors: 90 }).ended;
  expect([exitCode, output]).toEqual([0, expect.stringMatching(/^\[.*\]\n$/)]);
  // The program prints a list of words.
  const outcomes = JSON.parse(output) as string[];
  expect(new Set(outcomes)).toEqual(new Set(["CannotOpenDatabaseError", "ok"]));
  // What failed has left nothing open: with room for one more file each it never fails again.
  expect(outcomes.lastIndexOf("CannotOpenDatabaseError")).toBeLessThan(outcomes.indexOf("ok"));
});

test("an engine that can open no socket has sent nothing, tries again, and is served again when it can", async () => {
  const running = place.start(["serve", WORKFLOWS, "--port", "0"], {
    descriptors: 120,
    faults: { FAULT_AT: "prepare", FAULT_DOES: "take all descriptors", FAULT_ORDERS: "2" },
  });
  const said = await running.says("done       orders  POST", 2);
  expect(said).toMatch(/failed .*could not be reached: .*EMFILE/);
  const [, url = ""] = /dashboard: (http\S+)\/#/.exec(await running.says("dashboard:")) ?? [];
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  running.kill("SIGTERM");
  const { exitCode } = await running.ended;
  expect(exitCode).toBe(0);
  expect(world.told).toEqual(["o-1", "o-2"]);
  const { events, attention, damage } = await place.summary();
  expect({ events, attention, damage }).toEqual({
    events: ["o-1 consumed", "o-1 pending", "o-2 consumed", "o-2 pending"],
    attention: [],
    damage: [],
  });
});
