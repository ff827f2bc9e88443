/** SIGTERM and SIGINT in every phase of a run: it ends within its grace, and the next process does what is left, once. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OutsideWorld } from "./faults/outside-world.ts";
import { Place, WORKFLOWS, type Outcome } from "./faults/place.ts";

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

const PHASES = ["handler", "prepare", "request", "next"] as const;

/** Starts a command, and sends the signal while it is in the phase. @param does what the phase does about it */
async function endDuring(
  phase: (typeof PHASES)[number],
  words: readonly string[],
  signal: NodeJS.Signals,
  does: "wait for the signal" | "hang",
): Promise<Outcome> {
  const { arrived, answer } = phase === "request" ? world.hold() : { arrived: null, answer: () => undefined };
  const running = place.start(words, { faults: { FAULT_AT: phase, FAULT_DOES: does } });
  if (arrived) await running.until(arrived);
  else await running.says(`in ${phase}`);
  running.kill(signal);
  if (does === "wait for the signal") {
    await running.says("ends when what is running is done");
    answer();
  }
  return running.ended;
}

/** What is there once the order was told, once, and that was published. */
const DONE = { events: ["o-1 consumed", "o-1 pending"], outputs: ["applied"], active: [], attention: [], damage: [] };

describe("millrace run that gets SIGTERM", () => {
  test.each(PHASES)("in %s, which then returns: it finishes the run, starts no other, exits with 0", async (phase) => {
    const { exitCode } = await endDuring(phase, ["run", WORKFLOWS], "SIGTERM", "wait for the signal");
    expect(exitCode).toBe(0);
    if (phase === "handler") {
      expect(await place.summary()).toMatchObject({ events: ["o-1 pending"], active: [] });
      expect(world.told).toEqual([]);
      expect((await place.runOnce()).exitCode).toBe(0);
    }
    expect(world.told).toEqual(["o-1"]);
    expect(await place.summary()).toEqual(DONE);
  });
});

describe("millrace serve that gets SIGINT", () => {
  test.each(PHASES)(
    "in %s, which never returns: it exits with 0 after its grace, the next one finishes",
    async (phase) => {
      const { exitCode } = await endDuring(phase, ["serve", WORKFLOWS, "--port", "0"], "SIGINT", "hang");
      expect(exitCode).toBe(0);
      expect(world.told).toEqual(phase === "request" || phase === "next" ? ["o-1"] : []);
      expect((await place.runOnce()).exitCode).toBe(0);
      expect(world.told).toEqual(["o-1"]);
      expect(await place.summary()).toMatchObject(DONE);
    },
  );
});

test("a second signal ends it at once, with 130, and the call that was out is not made again", async () => {
  const { arrived } = world.hold();
  const running = place.start(["serve", WORKFLOWS, "--port", "0"]);
  await running.until(arrived);
  running.kill("SIGTERM");
  await running.says("ends when what is running is done");
  running.kill("SIGINT");
  expect((await running.ended).exitCode).toBe(130);
  expect((await place.runOnce()).exitCode).toBe(0);
  expect(world.told).toEqual(["o-1"]);
  expect(await place.summary()).toMatchObject(DONE);
});
