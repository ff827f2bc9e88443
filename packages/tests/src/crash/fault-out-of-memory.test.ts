/** A handler that allocates until the process dies: nothing is done twice, and it does not go on so for ever unnoticed. */
import { defineWorkflow } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase } from "@millrace/agent/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
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

const SMALL = ["--max-old-space-size=64", "--max-semi-space-size=1"];

/** Runs a process that dies because this handler takes all memory. */
async function runOutOfMemory(handler: string, faults: Record<string, string> = {}): Promise<void> {
  const { signal, exitCode, output } = await place.runOnce({
    node: SMALL,
    faults: { FAULT_AT: handler, FAULT_DOES: "run out of memory", ...faults },
  });
  expect(output).toContain(`in ${handler}`);
  // Node aborts; what started it may say so by an exit code.
  expect(signal ?? exitCode).toBe("SIGABRT");
}

test("after the mutation: the next process finishes the run, and does not repeat the mutation", async () => {
  await runOutOfMemory("next");
  expect(world.told).toEqual(["o-1"]);
  const { exitCode } = await place.runOnce();
  expect([exitCode, world.told, world.requests]).toEqual([0, ["o-1"], 1]);
  expect(await place.summary()).toMatchObject({
    events: ["o-1 consumed", "o-1 pending"],
    outputs: ["applied"],
    attention: [],
  });
});

test("again and again: after so many crashes in a row a person is asked, and the workflow waits", async () => {
  const limit = { FAULT_MAX_CRASHES: "2" };
  await runOutOfMemory("prepare", limit);
  await runOutOfMemory("prepare", limit);
  // Whatever restarts it: the handler is not run again.
  const asking = await place.runOnce({ faults: { FAULT_AT: "prepare", FAULT_DOES: "run out of memory", ...limit } });
  expect(asking.exitCode).toBe(3);
  expect(asking.output).toContain("The process ended 2 times in a row while this run was under way");
  expect(asking.output).toContain("millrace retry orders");
  expect(asking.output).not.toContain("in prepare");
  expect(world.told).toEqual([]);
  expect((await place.summary()).events).toEqual(["o-1 pending"]);

  expect((await place.millrace("retry", "orders")).exitCode).toBe(0);
  expect((await place.runOnce({ faults: limit })).exitCode).toBe(0);
  expect(world.told).toEqual(["o-1"]);
  expect((await place.summary()).attention).toEqual([]);
});

test("a new version of the workflow is tried by itself, also after a person was asked", async () => {
  const looked: string[] = [];
  const workflowOf = (handler: () => Promise<null>) =>
    defineWorkflow({
      name: "looking",
      topics: {},
      producers: (producer) => ({ look: producer({ publishes: [], schedule: { interval: "1d" }, handler }) }),
    });
  const first = workflowOf(async () => new Promise<never>(() => undefined));
  const second = workflowOf(async () => {
    looked.push("second");
    return null;
  });
  const policy = { retry: { maxCrashes: 1 } };
  const clock = new FakeClock();
  const database = await openTestDatabase(clock);
  const crashed = attachTestEngine(database, clock, { workflows: [first], policy });
  await crashed.engine.start();
  await crashed.advance("1s");
  const image = database.database.serialise();
  for (const workflow of [first, second]) {
    const again = attachTestEngine(await openTestDatabase(clock, { image }), clock, { workflows: [workflow], policy });
    await again.engine.start();
    await again.runUntilIdle();
    const [attention] = await again.engine.needsAttention();
    const asked = workflow === first ? expect.stringContaining("ended 1 times in a row") : undefined;
    expect(attention?.notification.message).toEqual(asked);
    await again.close();
  }
  expect(looked).toEqual(["second"]);
});
