/** A crash at every commit and around every call of a life in which a run is replayed. */
import type { Engine } from "@millrace/agent";
import { crashAtEveryPoint, fakeConnector, fakeMutation, type CrashWorld } from "@millrace/agent/testing";
import type { ReplayPhase } from "@millrace/db";
import { expect, test } from "vitest";
import { z } from "zod";
import { letterWorkflow, written, type Knobs } from "../support/replay-world.ts";

const letter = z.object({ to: z.string() });
const act = () => fakeMutation({ params: letter, result: ({ to }: z.output<typeof letter>) => ({ to }) });

/** A person who replays the run of a handler once, if that is possible: after a crash they look, and ask again. */
async function replayOnce(engine: Engine, handler: string, from: ReplayPhase): Promise<void> {
  const runs = await engine.runs({ limit: 1_000 });
  if (runs.some(({ trigger }) => trigger.startsWith("replay:"))) return;
  const past = runs.find(
    ({ handlerName, status, mutationOutcome }) =>
      handlerName === handler && status === "committed" && (handler === "find" || mutationOutcome === "applied"),
  );
  if (!past) return;
  const { refusals, mustCross } = await engine.planReplay(past.id, { from });
  if (refusals.length === 0) await engine.replayRun(past.id, { from, by: "eve", cross: mustCross });
}

test.each<[ReplayPhase, string, number]>([
  ["preparing", "send", 2],
  ["emitting", "send", 1],
  ["executing", "find", 1],
])(
  "whatever crashes when, a replay from %s of %s happens once",
  async (from, handler, times) => {
    const knobs: Knobs = { letters: ["ada"], sentId: (to) => to, nextFails: null, saved: [] };
    const workflow = letterWorkflow(act(), act(), knobs);
    const world = (): CrashWorld => {
      const [send, file] = [act(), act()];
      return {
        connectors: { world: fakeConnector("world", { send, file }) },
        // Each effect by how often it came: what was asked for is no repetition.
        effects: () => [
          ...written(send).map((to, index) => `send ${to} ${index}`),
          ...written(file).map((to, index) => `file ${to} ${index}`),
        ],
        async drive(engine) {
          await engine.whenIdle();
          if ((await engine.inputs()).length === 0) await engine.runNow("post", ["find"]);
          await engine.whenIdle();
          await replayOnce(engine, handler, from);
          await engine.whenIdle();
        },
        async check(engine) {
          // Where the crash left an uncertain call, the workflow waited for that, and the person comes back.
          await replayOnce(engine, handler, from);
          await engine.whenIdle();
          expect(written(send)).toHaveLength(times);
          expect(written(file)).toHaveLength(1);
          expect((await engine.status())[0]).toMatchObject({ error: null, retryAt: null });
          expect(
            (await engine.runs({ limit: 1_000 })).filter(({ trigger }) => trigger.startsWith("replay:")),
          ).toHaveLength(1);
        },
      };
    };
    const report = await crashAtEveryPoint(workflow, world, { advance: ["1h", "1h"] });
    expect(report.points).toBeGreaterThan(20);
  },
  120_000,
);
