/** What cannot be replayed now says why, and what to do instead. */
import { createStores, type HandlerRun } from "@millrace/db";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openReplayWorld, type ReplayWorld } from "../support/replay-world.ts";

let world: ReplayWorld;
let run: HandlerRun;
beforeEach(async () => {
  world = await openReplayWorld();
  await world.find("ada");
  run = await world.lastOf("send");
});
afterEach(() => world.test.close());

const plan = (from: "preparing" | "emitting") => world.test.engine.planReplay(run.id, { from });
const refusals = async (from: "preparing" | "emitting" = "preparing") => (await plan(from)).refusals;

test("a run that is not over", async () => {
  world.send.script("hang-after-send");
  world.knobs.letters = ["bob"];
  await world.test.engine.runNow("post", ["find"]);
  await world.test.advance("1s");
  run = await world.lastOf("send");
  expect(run.status).toBe("active");
  expect(await refusals()).toEqual(["It is not over yet."]);
  // The call is given up after its time.
  await world.test.advance("1h");
});

test("a run of a workflow that is archived", async () => {
  await world.test.database.transaction(({ executor }) =>
    sql`update workflows set status = 'archived' where name = 'post'`.execute(executor),
  );
  expect(await refusals()).toEqual(['Workflow "post" is archived.']);
});

describe("a fork after the mutation", () => {
  test("of a run whose events are gone", async () => {
    const { events, lineage } = createStores(world.test.database);
    await events.delete((await lineage.eventsHandledBy(run.id)).map(({ id }) => id));
    expect(await refusals("emitting")).toEqual(["Its events are no longer there."]);
  });

  test("of a run whose events were handled again since", async () => {
    await world.test.engine.replayRun(run.id, {
      from: "preparing",
      by: "eve",
      evidence: "lost",
      cross: [run.mutationId!],
    });
    await world.test.runUntilIdle();
    await world.test.database.transaction(({ executor }) =>
      sql`update handler_state set state = ${JSON.stringify(run.outputState)} where handler_name = 'send'`.execute(
        executor,
      ),
    );
    expect(await refusals("emitting")).toEqual([expect.stringContaining("has saved its state since")]);
  });
});

describe("an effect of an earlier run counts as", () => {
  test.each([
    ["in_flight", null, "unknown"],
    ["needs_reconcile", null, "unknown"],
    ["indeterminate", null, "unknown"],
    ["indeterminate", { kind: "applied" }, "applied"],
    ["failed", null, "failed"],
    ["failed", { kind: "applied" }, "applied"],
    ["failed", { kind: "failed" }, "failed"],
    ["pending", null, "none"],
  ])("what its row says: %s with the late answer %j is %3$s", async (status, late, expected) => {
    await world.test.database.transaction(({ executor }) =>
      sql`update mutations set status = ${status}, late_outcome = ${late && JSON.stringify(late)}
          where id = ${run.mutationId}`.execute(executor),
    );
    const { effects } = await plan("preparing");
    const own = effects.find(({ mutation }) => mutation.id === run.mutationId);
    expect([own?.status, own?.wouldRepeat]).toEqual([expected, expected === "applied" || expected === "unknown"]);
  });
});
