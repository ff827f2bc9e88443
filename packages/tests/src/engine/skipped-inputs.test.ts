import { defineWorkflow } from "@millrace/agent";
import { createTestEngine, fakeConnector, fakeMutation, type TestEngine } from "@millrace/agent/testing";
import { createStores } from "@millrace/db";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openPostOffice } from "../support/post-office.ts";

let running: TestEngine;
afterEach(() => running.close());

describe("inputs", () => {
  /** Each run takes all letters that are there, so that one event stands for several inputs in `digest`. */
  const digesting = () => {
    const tell = fakeMutation({ params: z.object({ of: z.array(z.string()) }), result: () => null });
    const workflow = defineWorkflow({
      name: "digest",
      topics: { letter: z.object({ from: z.string() }), digest: z.object({ of: z.array(z.string()) }) },
      connectors: { world: fakeConnector("world", { tell }) },
      consumers: (consumer) => ({
        collect: consumer({
          subscribe: ["letter"],
          publishes: ["digest"],
          async prepare(ctx) {
            const events = await ctx.peek("letter");
            return {
              reservations: [{ topic: "letter", ids: events.map(({ id }) => id) }],
              data: events.map(({ payload }) => payload.from),
            };
          },
          async next(ctx, { data }) {
            if (data.length > 0) ctx.publish("digest", { messageId: data.join("+"), payload: { of: data } });
          },
        }),
        tell: consumer({
          subscribe: ["digest"],
          approval: "required",
          async prepare(ctx) {
            const [event] = await ctx.peek("digest", { limit: 1 });
            return {
              reservations: event ? [{ topic: "digest", ids: [event.id] }] : [],
              data: event?.payload.of ?? [],
            };
          },
          mutate: async (ctx, { data }) => ctx.world.tell({ of: [...data] }),
        }),
      }),
    });
    return { tell, workflow };
  };

  test("a mutation for several inputs shows at each of them", async () => {
    const { workflow, tell } = digesting();
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    await Promise.all(
      ["ada", "bob"].map((from) => running.engine.publish("digest", "letter", { messageId: from, payload: { from } })),
    );
    await running.runUntilIdle();
    const [mutation] = await running.engine.outputs();
    await running.engine.approve(mutation!.id, { by: "ada" });
    await running.runUntilIdle();
    expect(tell.effects.map(({ params }) => params.of)).toEqual([["ada", "bob"]]);
    for (const { id } of await running.engine.inputs()) {
      expect((await running.engine.outputs({ inputId: id })).map((output) => output.id)).toEqual([mutation!.id]);
    }
  });

  test("what is published of an input that was skipped is skipped as well", async () => {
    const { workflow } = digesting();
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    await running.engine.pause("digest");
    const input = { source: "mail", type: "letter", externalId: "1", title: "A letter" };
    const publish = (messageId: string) =>
      running.engine.publish("digest", "letter", { messageId, payload: { from: "ada" }, input });
    await publish("first");
    const [registered] = await running.engine.inputs();
    await running.engine.skipInput(registered!.id);
    expect((await publish("second")).outcome).toBe("created");
    expect(await running.engine.inputs()).toHaveLength(1);
    expect((await running.engine.events({})).map(({ status }) => status)).toEqual(["skipped", "skipped"]);
  });

  test("skipping one input of several aborts what was about to act for it, and acts for the rest anew", async () => {
    const { workflow, tell } = digesting();
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    await Promise.all(
      ["ada", "bob"].map((from) => running.engine.publish("digest", "letter", { messageId: from, payload: { from } })),
    );
    await running.runUntilIdle();
    const inputs = await running.engine.inputs();
    expect(await running.engine.skipInput(inputs[0]!.id)).toMatchObject({
      events: 0,
      abortedRuns: [expect.anything()],
    });
    await running.runUntilIdle();
    // The digest has an input that is active, so it lives, and a person is asked anew.
    expect((await running.engine.outputs()).map(({ status }) => status)).toEqual(["pending", "failed"]);
    await running.engine.skipInput(inputs[1]!.id);
    await running.runUntilIdle();
    expect((await running.engine.outputs()).map(({ status }) => status)).toEqual(["failed", "failed"]);
    expect(tell.calls).toEqual([]);
    expect((await running.engine.status())[0]).toMatchObject({ error: null, openNotifications: 0, retryAt: null });
    const [workflowRow] = await createStores(running.database).workflows.list();
    const events = await createStores(running.database).events.list({ workflowId: workflowRow!.id });
    expect(events.map(({ status }) => status).toSorted()).toEqual(["consumed", "consumed", "skipped"]);
  });

  test("skipping the input of what was rejected lets it complete", async () => {
    const outcomes: string[] = [];
    const office = await openPostOffice({ approval: "required", onNext: ({ status }) => outcomes.push(status) });
    running = office.test;
    await office.post("bob");
    await running.engine.pause("letters");
    await running.engine.approve((await office.mutation()).id, { by: "ada", approved: false });
    const [input] = await running.engine.inputs();
    expect(await running.engine.skipInput(input!.id)).toMatchObject({
      abortedRuns: [],
      completingRuns: [expect.anything()],
    });
    await running.engine.resume("letters");
    await running.runUntilIdle();
    expect(outcomes).toEqual(["skipped"]);
  });

  test("skipping an input whose mutation is uncertain: found without effect, it is not sent again", async () => {
    const office = await openPostOffice({ settleMs: 60_000 });
    running = office.test;
    office.send.script("timeout-without-effect");
    await office.post("bob");
    const [input] = await running.engine.inputs();
    expect(await running.engine.skipInput(input!.id)).toMatchObject({ completingRuns: [expect.anything()] });
    await running.advance("1h");
    expect(office.send.calls).toHaveLength(1);
    expect((await running.engine.status())[0]).toMatchObject({ pending: { letter: 0 }, error: null, retryAt: null });
  });
});
