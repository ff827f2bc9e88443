/** Replays in any order, at once, and in the middle of everything else: what must hold whatever happens. */
import { MillraceError } from "@millrace/agent";
import type { ScriptedOutcome } from "@millrace/agent/testing";
import { createStores, type ReplayPhase } from "@millrace/db";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openReplayWorld, written, type ReplayWorld } from "../support/replay-world.ts";

const MOST_TURNS = 48;

/** Lets the engine go on for some turns of the event loop, and for a part of the next one. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < Math.floor(count / 6); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  for (let step = 0; step < (count % 6) * 8; step += 1) await Promise.resolve();
}

test("a replay that is asked for while another run is about to begin is neither lost nor done twice", async () => {
  let refused = 0;
  for (let count = 0; count < MOST_TURNS; count += 1) {
    const world = await openReplayWorld();
    await world.find("ada");
    const { id, mutationId } = await world.lastOf("send");
    world.send.script("failure-before-send");
    const found = world.test.engine.publish("post", "letter", { messageId: "bob", payload: { to: "bob" } });
    await turns(count);
    const asked = world.test.engine.replayRun(id, { from: "preparing", by: "eve", cross: [mutationId!] });
    const [replayed] = await Promise.allSettled([asked, found]);
    if (replayed.status === "rejected") refused += 1;
    await world.test.advance("1h");
    const repeated = replayed.status === "fulfilled" ? ["ada"] : [];
    expect({ count, written: written(world.send).toSorted() }).toEqual({ count, written: ["ada", ...repeated, "bob"] });
    expect((await world.test.engine.status())[0]).toMatchObject({ error: null, retryAt: null, pending: { letter: 0 } });
    expect(
      await createStores(world.test.database).replays.findPending((await world.lastOf("send")).workflowId),
    ).toBeNull();
    await world.test.close();
  }
  // The sweep reaches from before that run began until it was over.
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(MOST_TURNS);
});

type Action =
  | { kind: "find"; letter: string }
  | { kind: "replay"; run: number; from: ReplayPhase; crosses: "all" | "none" | "last" }
  | { kind: "pass" };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant("find" as const), letter: fc.constantFrom("ada", "bob", "cid") }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("replay" as const),
      run: fc.nat({ max: 8 }),
      from: fc.constantFrom<ReplayPhase>("preparing", "preparing", "emitting", "executing"),
      crosses: fc.constantFrom("all" as const, "all" as const, "none" as const, "last" as const),
    }),
  },
  fc.record({ kind: fc.constant("pass" as const) }),
);

const outcomes = fc.array(
  fc.constantFrom<ScriptedOutcome>("ok", "ok", "failure-before-send", "timeout-after-send", "timeout-without-effect"),
  { maxLength: 6 },
);

/** How often each letter's call was allowed to happen once more. */
type Crossings = Map<string, number>;

async function act(world: ReplayWorld, crossings: Crossings, todo: Action): Promise<void> {
  const { engine } = world.test;
  try {
    switch (todo.kind) {
      case "find":
        world.knobs.letters = [...new Set([...world.knobs.letters, todo.letter])];
        return await engine.runNow("post", ["find"]);
      case "pass":
        return await world.test.advance("10m");
      case "replay": {
        const runs = await engine.runs({ limit: 1_000 });
        const run = runs[todo.run % Math.max(1, runs.length)];
        if (!run) return;
        const { mustCross, events } = await engine.planReplay(run.id, todo);
        const cross = todo.crosses === "all" ? mustCross : todo.crosses === "none" ? [] : mustCross.slice(-1);
        await engine.replayRun(run.id, { from: todo.from, by: "eve", cross });
        // A replay that was let through without naming what must be crossed is one too many.
        if (run.handlerName !== "send" || cross.length === 0) return;
        for (const { messageId } of events) crossings.set(messageId, (crossings.get(messageId) ?? 0) + 1);
      }
    }
  } catch (error) {
    // Refused, busy, or not crossed: then nothing may have changed.
    if (!(error instanceof MillraceError)) throw error;
  }
}

/** People look before they speak. */
async function settleUnknown({ test: { engine }, send, file }: ReplayWorld): Promise<void> {
  for (const { id, idempotencyKey } of await engine.outputs({ unresolved: true })) {
    const happened = [...send.effects, ...file.effects].some((effect) => effect.idempotencyKey === idempotencyKey);
    await engine.resolveMutation(id, { verdict: happened ? "happened" : "did_not_happen", by: "eve" });
  }
}

const count = (list: readonly string[], wanted: string) => list.filter((entry) => entry === wanted).length;

test("however replays are ordered: an effect happens at most once for each explicit crossing, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 8 }),
      outcomes,
      async (batches, script) => {
        const world = await openReplayWorld();
        world.send.script(...script);
        const crossings: Crossings = new Map();
        for (const batch of batches) {
          await Promise.all(batch.map((todo) => act(world, crossings, todo)));
          if (batch.length > 1) await world.test.runUntilIdle();
        }
        for (const last of [false, false, true, false, false]) {
          await world.test.advance("6h");
          await settleUnknown(world);
          if (last) await world.find(...world.knobs.letters);
        }
        for (const to of world.knobs.letters) {
          const times = count(written(world.send), to);
          expect(times).toBeGreaterThanOrEqual(1);
          expect(times).toBeLessThanOrEqual(1 + (crossings.get(to) ?? 0));
          expect(count(written(world.file), to)).toBeGreaterThanOrEqual(1);
        }
        const keys = world.send.effects.map(({ idempotencyKey }) => idempotencyKey);
        expect(new Set(keys).size).toBe(keys.length);
        const [summary] = await world.test.engine.status();
        expect(summary).toMatchObject({ error: null, retryAt: null, pending: { letter: 0, sent: 0 } });
        await world.test.close();
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
