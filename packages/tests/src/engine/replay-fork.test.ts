import { LogicError, ReplayRefusedError } from "@millrace/agent";
import { createStores, type HandlerRun, type MutationId, type ReplayPhase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  glance,
  letterWorkflow,
  messagesOf,
  openReplayWorld,
  written,
  type ReplayWorld,
} from "../support/replay-world.ts";

let world: ReplayWorld;
let run: HandlerRun;
beforeEach(async () => {
  world = await openReplayWorld();
  await world.find("ada");
  run = await world.lastOf("send");
});
afterEach(() => world.test.close());

const plan = (from: ReplayPhase, id = run.id) => world.test.engine.planReplay(id, { from });
const replay = async (from: ReplayPhase, id = run.id, cross: MutationId[] = []) => {
  await world.test.engine.replayRun(id, { from, by: "eve", cross });
  await world.test.runUntilIdle();
};

describe("a fork after the mutation", () => {
  test("plans to repeat no effect, neither its own nor one downstream", async () => {
    const planned = await plan("emitting");
    expect(glance(planned.effects)).toEqual(["send own applied", "file downstream applied"]);
    expect(planned).toMatchObject({ mustCross: [], refusals: [], events: [{ messageId: "ada", status: "consumed" }] });
  });

  test("runs next again with the same prepare result, mutation and outcome, and calls nothing", async () => {
    await replay("emitting");
    const fork = await world.lastOf("send");
    const { prepareResult, mutationId } = run;
    expect(fork).toMatchObject({ prepareResult, mutationId, mutationOutcome: "applied", status: "committed" });
    expect(fork).toMatchObject({ retryOf: run.id, attempt: 2, trigger: `replay:${run.id}` });
    expect(written(world.send)).toEqual(["ada"]);
    expect(written(world.file)).toEqual(["ada"]);
    // It saves what it saved: the state that prepare had seen.
    expect(world.knobs.saved).toEqual([1, 1]);
    expect(await messagesOf(world, run.id)).toEqual([
      "replay from emitting requested by eve",
      `replayed from emitting by run ${fork.id}`,
    ]);
  });

  test("causes an effect downstream where next gives a new message id, which traces back to the input", async () => {
    world.knobs.sentId = (to) => `${to} again`;
    await replay("emitting");
    expect(written(world.send)).toEqual(["ada"]);
    expect(written(world.file)).toEqual(["ada", "ada"]);
    const [input] = await world.test.engine.inputs();
    const outputs = await world.test.engine.outputs({ inputId: input!.id });
    expect(outputs.map(({ operation }) => operation)).toEqual(["file", "file", "send"]);
  });

  test("that fails is continued at next, and keeps its events until then", async () => {
    world.knobs.nextFails = new LogicError("wrong");
    await replay("emitting");
    const [event] = (await plan("emitting")).events;
    expect(event).toBeUndefined();
    expect((await world.lastOf("send")).status).toBe("failed:logic");
    world.knobs.nextFails = null;
    await world.test.engine.retry("post", { by: "eve" });
    await world.test.runUntilIdle();
    const last = await world.lastOf("send");
    expect(last).toMatchObject({ phase: "committed", attempt: 3 });
    expect((await plan("preparing", last.id)).events).toMatchObject([{ messageId: "ada", status: "consumed" }]);
    expect(written(world.send)).toEqual(["ada"]);
  });

  test("can itself be replayed from prepare, where the call of the first run counts", async () => {
    await replay("emitting");
    const fork = await world.lastOf("send");
    expect((await plan("preparing")).refusals).toEqual([expect.stringContaining(`by run ${fork.id}`)]);
    expect((await plan("preparing", fork.id)).mustCross).toEqual([run.mutationId]);
    await replay("preparing", fork.id, [run.mutationId!]);
    expect(written(world.send)).toEqual(["ada", "ada"]);
  });

  test("is refused once a later run has saved a state: an older one would be written over it", async () => {
    await world.find("bob");
    const later = await world.lastOf("send");
    expect((await plan("emitting")).refusals).toEqual([
      expect.stringContaining(`Run ${later.id} of "send" has saved its state since`),
    ]);
    await expect(replay("emitting")).rejects.toThrow(ReplayRefusedError);
    expect((await plan("emitting", later.id)).refusals).toEqual([]);
    // "file" saves none, so nothing is in the way of its first run.
    const [filed] = await world.runsOf("file");
    expect((await plan("emitting", filed!.id)).refusals).toEqual([]);
  });

  test("is refused where the state is not the one that the run left", async () => {
    const { handlerStates } = createStores(world.test.database);
    await handlerStates.saveState(run, { sent: 9 }, null, 1);
    expect((await plan("emitting")).refusals).toEqual([expect.stringContaining("is not the one that this run left")]);
  });

  test("is refused for a run that made no call, and where the input is skipped", async () => {
    const [input] = await world.test.engine.inputs();
    await world.test.engine.skipInput(input!.id);
    expect((await plan("emitting")).refusals).toEqual(["Every input behind its events is skipped."]);
    const idle = (await world.test.engine.runs()).find(
      ({ handlerName, trigger }) => handlerName === "send" && trigger === "start",
    );
    expect((await plan("emitting", idle!.id)).refusals).toEqual([expect.stringContaining("made no call")]);
  });

  test("is withdrawn with its handler, and its events are consumed as before", async () => {
    await world.test.engine.pause("post");
    await replay("emitting");
    const held = await createStores(world.test.database).events.listByRun(run.id);
    expect(held.map(({ status }) => status)).toEqual(["reserved"]);
    await world.test.engine.deploy(letterWorkflow(world.send, world.file, world.knobs, false));
    const events = await createStores(world.test.database).events.listByRun(run.id);
    expect(events.map(({ status }) => status)).toEqual(["consumed"]);
  });
});

describe("a producer that runs again", () => {
  test("runs with its present state, and publishing what is known changes nothing", async () => {
    const found = await world.lastOf("find");
    const planned = await plan("executing", found.id);
    expect(planned).toMatchObject({ refusals: [], mustCross: [], events: [] });
    expect(glance(planned.effects)).toEqual(["send downstream applied", "file downstream applied"]);
    expect(planned.summary).toContain("with its present state");
    await world.find("ada");
    await replay("executing", found.id);
    const again = await world.lastOf("find");
    expect(again).toMatchObject({ trigger: `replay:${found.id}`, retryOf: null, inputState: { looks: 2 } });
    expect(again.outputState).toEqual({ looks: 3 });
    expect(written(world.send)).toEqual(["ada"]);
  });

  test("causes what is new", async () => {
    const found = await world.lastOf("find");
    world.knobs.letters = ["ada", "bob"];
    await replay("executing", found.id);
    expect(written(world.send)).toEqual(["ada", "bob"]);
    expect(written(world.file)).toEqual(["ada", "bob"]);
  });
});
