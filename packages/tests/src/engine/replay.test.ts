import { EffectCrossingError, Operations, ReplayRefusedError, StaleReplayError } from "@millrace/agent";
import { createStores, NotFoundError, type HandlerRun, type MutationId, type RunId } from "@millrace/db";
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

const asked = { by: "eve", evidence: "the letter came back" };
const preparing = { from: "preparing" } as const;
const plan = (id = run.id) => world.test.engine.planReplay(id, preparing);
const replay = async (cross: readonly MutationId[], id = run.id) => {
  const planned = await world.test.engine.replayRun(id, { ...preparing, ...asked, cross });
  await world.test.runUntilIdle();
  return planned;
};

describe("the plan of a replay from prepare", () => {
  test("says which events are handled again, which effect would repeat, and which follows from it", async () => {
    const planned = await plan();
    expect(planned).toMatchObject({ workflow: "post", from: "preparing", refusals: [], truncated: false });
    expect(planned.events).toEqual([{ id: expect.anything(), topic: "letter", messageId: "ada", status: "consumed" }]);
    expect(glance(planned.effects)).toEqual(["send own applied repeats", "file downstream applied"]);
    expect(planned.mustCross).toEqual([run.mutationId]);
    expect(planned.summary).toContain('consumer "send" runs from prepare');
  });

  test("changes nothing", async () => {
    const before = world.test.database.serialise();
    await plan();
    await world.test.runUntilIdle();
    expect(world.test.database.serialise().equals(before)).toBe(true);
  });

  test("of a run that there is not says so", async () => {
    await expect(plan("nope" as RunId)).rejects.toThrow(NotFoundError);
  });
});

describe("an effect that has happened", () => {
  test("is not crossed silently, and nothing has changed then", async () => {
    const crossing = replay([]);
    await expect(crossing).rejects.toThrow(EffectCrossingError);
    await expect(crossing).rejects.toMatchObject({ effects: [{ id: run.mutationId, title: "world.send" }] });
    expect(written(world.send)).toEqual(["ada"]);
    expect(await plan()).toMatchObject({ refusals: [], events: [{ status: "consumed" }] });
    expect(await createStores(world.test.database).replays.listOfRun(run.id)).toEqual([]);
  });

  test("happens again once it is named, by a fresh run with a key of its own; the old row stays as it was", async () => {
    const old = await createStores(world.test.database).mutations.get(run.mutationId!);
    await replay([run.mutationId!]);
    expect(written(world.send)).toEqual(["ada", "ada"]);
    expect(new Set(world.send.effects.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
    expect(await createStores(world.test.database).mutations.get(old.id)).toEqual(old);
    const fresh = await world.lastOf("send");
    expect(fresh).toMatchObject({ status: "committed", trigger: `replay:${run.id}`, retryOf: null, attempt: 1 });
    expect(fresh.mutationId).not.toBe(old.id);
    // The same message id changes nothing, so nothing is filed twice.
    expect(written(world.file)).toEqual(["ada"]);
  });

  test("that an earlier replay repeated must be named too", async () => {
    await replay([run.mutationId!]);
    const fresh = await world.lastOf("send");
    expect(glance((await plan(fresh.id)).effects)).toEqual([
      "send own applied repeats",
      "send own applied repeats",
      "file downstream applied",
    ]);
    await expect(replay([fresh.mutationId!], fresh.id)).rejects.toThrow(EffectCrossingError);
    await replay([run.mutationId!, fresh.mutationId!], fresh.id);
    expect(written(world.send)).toHaveLength(3);
  });

  test("is recorded on both runs, with who, why and what was crossed", async () => {
    await replay([run.mutationId!]);
    const fresh = await world.lastOf("send");
    const { logs } = await world.test.engine.run(run.id);
    expect(logs.slice(-2)).toMatchObject([
      {
        message: "replay from preparing requested by eve",
        data: { crossed: [run.mutationId], evidence: asked.evidence },
      },
      { message: `replayed from preparing by run ${fresh.id}`, data: { replayedBy: fresh.id } },
    ]);
    expect(await messagesOf(world, fresh.id)).toContain(`replays run ${run.id} from preparing, asked for by eve`);
    const stores = createStores(world.test.database);
    expect(await stores.replays.findByStartedRun(fresh.id)).toMatchObject({ runId: run.id, askedBy: "eve" });
    expect(await stores.replays.findPending(run.workflowId)).toBeNull();
  });

  test("tells those who listen", async () => {
    const heard: string[] = [];
    world.test.engine.on("run:changed", ({ id, status }) => heard.push(`${id} ${status}`));
    world.test.engine.on("workflow:changed", ({ name }) => heard.push(name));
    await replay([run.mutationId!]);
    expect(heard.slice(0, 2)).toEqual([`${run.id} committed`, "post"]);
  });
});

test("a replay that names an effect which is no part of it was decided upon a stale plan", async () => {
  await world.find("bob");
  const other = await world.lastOf("send");
  const stale = replay([run.mutationId!, other.mutationId!]);
  await expect(stale).rejects.toThrow(StaleReplayError);
  await expect(stale).rejects.toMatchObject({ mutationIds: [other.mutationId] });
  expect(written(world.send)).toEqual(["ada", "bob"]);
});

test("an effect of which nobody knows is not crossed silently either", async () => {
  world.send.script("timeout-after-send");
  world.send.answer("inconclusive");
  await world.find("bob");
  const [unknown] = await world.test.engine.outputs({ unresolved: true });
  const paused = await world.lastOf("send");
  expect((await plan(paused.id)).refusals).toEqual([
    expect.stringContaining("did not commit"),
    expect.stringContaining("Resolve it first."),
  ]);
  expect((await plan()).refusals).toEqual([expect.stringContaining("Resolve it first.")]);
  await expect(replay([unknown!.id], paused.id)).rejects.toThrow(ReplayRefusedError);
  await world.test.engine.resolveMutation(unknown!.id, { verdict: "skip", by: "eve" });
  await world.test.runUntilIdle();
  const skipped = await world.lastOf("send");
  expect(skipped.mutationOutcome).toBe("skipped");
  expect(glance((await plan(skipped.id)).effects)).toEqual(["send own unknown repeats", "file downstream applied"]);
  await expect(replay([], skipped.id)).rejects.toThrow(EffectCrossingError);
  expect(written(world.send)).toEqual(["ada", "bob"]);
  await replay([unknown!.id], skipped.id);
  expect(written(world.send)).toEqual(["ada", "bob", "bob"]);
  expect(world.send.effects[2]!.idempotencyKey).not.toBe(world.send.effects[1]!.idempotencyKey);
});

test("what did not happen is no crossing, and what came out late is one", async () => {
  world.send.script("timeout-without-effect");
  world.send.answer("inconclusive");
  await world.find("bob");
  const [unknown] = await world.test.engine.outputs({ unresolved: true });
  await world.test.engine.resolveMutation(unknown!.id, { verdict: "did_not_happen", by: "eve" });
  await world.test.runUntilIdle();
  const sent = await world.lastOf("send");
  expect(glance((await plan(sent.id)).effects)).toEqual([
    "send own failed",
    "send own applied repeats",
    "file downstream applied",
  ]);
  const stores = createStores(world.test.database);
  await stores.mutations.annotate(unknown!.id, { lateOutcome: { at: 1, kind: "applied", result: null } }, 1);
  expect((await plan(sent.id)).mustCross).toEqual([unknown!.id, sent.mutationId]);
});

describe("what can't be replayed", () => {
  const refusals = async (id = run.id) => (await plan(id)).refusals;

  test("a run that has been replayed: the run that came of it is", async () => {
    await replay([run.mutationId!]);
    const fresh = await world.lastOf("send");
    expect(await refusals()).toEqual([expect.stringContaining(`handled again since, by run ${fresh.id}`)]);
    await expect(replay([run.mutationId!])).rejects.toThrow(ReplayRefusedError);
  });

  test("a run that failed, and whose retry has committed its events", async () => {
    world.send.script("failure-before-send");
    await world.find("bob");
    await world.test.advance("1m");
    const [, failed, retried] = await world.runsOf("send");
    expect(await refusals(failed!.id)).toEqual([expect.stringContaining("Replay the run that committed them")]);
    expect(await refusals(retried!.id)).toEqual([]);
  });

  test("a run while another of its workflow waits to be continued", async () => {
    world.send.script("failure-before-send");
    await world.find("bob");
    expect(await refusals()).toEqual([expect.stringContaining("That is continued first.")]);
  });

  test("a run whose handler is gone", async () => {
    await world.test.engine.deploy(letterWorkflow(world.send, world.file, world.knobs, false));
    expect(await refusals()).toEqual([expect.stringContaining('no consumer "send" any more')]);
  });

  test("a run whose input was skipped, or whose events are gone", async () => {
    const [input] = await world.test.engine.inputs();
    await world.test.engine.skipInput(input!.id);
    expect(await refusals()).toEqual(["Every input behind its events is skipped."]);
    const { events, lineage } = createStores(world.test.database);
    await events.delete((await lineage.eventsHandledBy(run.id)).map(({ id }) => id));
    expect(await refusals()).toEqual(["It handled no events, or they are no longer there."]);
  });

  test("a run of a producer from prepare, one of a consumer as a producer's", async () => {
    const found = await world.lastOf("find");
    expect(await refusals(found.id)).toEqual([expect.stringContaining("can be replayed from executing")]);
    const { refusals: others } = await world.test.engine.planReplay(run.id, { from: "executing" });
    expect(others).toEqual([expect.stringContaining("can be replayed from preparing or emitting")]);
  });
});

describe("between the request and the run", () => {
  test("two replays of one run that are asked for at once: one wins", async () => {
    const both = await Promise.allSettled([replay([run.mutationId!]), replay([run.mutationId!])]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await world.test.runUntilIdle();
    expect(written(world.send)).toEqual(["ada", "ada"]);
  });

  test("a replay from another process is found when the engine looks, and waits while the workflow is paused", async () => {
    await world.test.engine.pause("post");
    const outside = new Operations({ database: world.test.database, clock: world.test.clock });
    const planned = await outside.replayRun(run.id, { ...preparing, ...asked, cross: [run.mutationId!] });
    expect(planned.summary).toContain("The workflow is paused");
    await world.test.engine.refresh();
    await world.test.runUntilIdle();
    expect(written(world.send)).toEqual(["ada"]);
    await world.test.engine.resume("post");
    await world.test.runUntilIdle();
    expect(written(world.send)).toEqual(["ada", "ada"]);
  });

  test("a handler that is removed meanwhile withdraws the replay, and the workflow goes on", async () => {
    await world.test.engine.pause("post");
    await replay([run.mutationId!]);
    await world.test.engine.deploy(letterWorkflow(world.send, world.file, world.knobs, false));
    await world.test.engine.resume("post");
    await world.find("bob");
    expect(written(world.send)).toEqual(["ada"]);
    expect((await world.lastOf("find")).status).toBe("committed");
    expect((await messagesOf(world, run.id)).at(-1)).toContain("was withdrawn: its handler was removed");
    expect(await createStores(world.test.database).replays.listOfRun(run.id)).toMatchObject([
      { startedRunId: null, withdrawnAt: expect.any(Number) },
    ]);
  });

  test("an input that is skipped meanwhile keeps its event from being handled", async () => {
    await world.test.engine.pause("post");
    await replay([run.mutationId!]);
    const [input] = await world.test.engine.inputs();
    expect(await world.test.engine.skipInput(input!.id)).toMatchObject({ events: 1 });
    await world.test.engine.resume("post");
    await world.test.runUntilIdle();
    expect(written(world.send)).toEqual(["ada"]);
  });
});

test("a replayed call that fails is retried like any other, and an uncertain one is asked about", async () => {
  world.send.script("failure-before-send", "timeout-after-send");
  await replay([run.mutationId!]);
  await world.test.advance("1h");
  expect(written(world.send)).toEqual(["ada", "ada"]);
  const runs = await world.runsOf("send");
  expect(runs.map(({ trigger }) => trigger).slice(1)).toEqual([`replay:${run.id}`, "retry", "retry"]);
  expect((await world.test.engine.status())[0]).toMatchObject({ error: null, retryAt: null });
});
