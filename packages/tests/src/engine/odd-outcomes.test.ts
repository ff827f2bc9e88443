/** Outcomes that are odd, and decisions that come too late: what happened is recorded all the same. */
import { defineWorkflow, NotResolvableError } from "@millrace/agent";
import { createTestEngine, fakeConnector, fakeMutation, type TestEngine } from "@millrace/agent/testing";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { openPostOffice } from "../support/post-office.ts";

let running: TestEngine;
afterEach(() => running.close());

test("an effect whose result is no JSON is there all the same, and its row says why it has none", async () => {
  const letter = z.object({ to: z.string() });
  const send = fakeMutation({ params: letter, result: () => ({ size: 1n }) });
  const workflow = defineWorkflow({
    name: "letters",
    topics: { letter },
    connectors: { post: fakeConnector("post", { send }) },
    consumers: (consumer) => ({
      send: consumer({
        subscribe: ["letter"],
        async prepare(ctx) {
          const [event] = await ctx.peek("letter", { limit: 1 });
          return { reservations: event ? [{ topic: "letter", ids: [event.id] }] : [], data: event?.payload ?? null };
        },
        mutate: async (ctx, { data }) => (data === null ? undefined : ctx.post.send(data)),
      }),
    }),
  });
  running = await createTestEngine({ workflows: [workflow] });
  await running.engine.publish("letters", "letter", { messageId: "bob", payload: { to: "bob" } });
  await running.advance("1m");
  const [mutation] = await running.engine.outputs();
  expect(mutation).toMatchObject({
    status: "applied",
    result: null,
    error: expect.stringMatching(/result of post.send/),
  });
  expect(send.effects).toHaveLength(1);
});

test("an outage that two settle at once is settled once, and the other is told", async () => {
  const office = await openPostOffice();
  running = office.test;
  office.send.script("timeout-after-send");
  office.send.answer("inconclusive");
  await office.post("bob");
  const { id, createdAt } = await office.mutation();
  const settle = (by: string) =>
    running.engine.resolveMutations(
      { connector: "post", from: createdAt, before: createdAt + 1 },
      { verdict: "happened", by, result: { to: "bob" } },
    );
  const both = await Promise.all([settle("eve"), settle("mallory")]);
  expect(both.flatMap(({ resolved }) => resolved)).toEqual([id]);
  expect(both.flatMap(({ refused }) => refused)).toEqual([{ id, reason: expect.any(String) }]);
});

test("a workflow in which nothing failed has nothing to retry", async () => {
  const office = await openPostOffice();
  running = office.test;
  await expect(running.engine.retry("letters", { by: "eve" })).rejects.toThrow(NotResolvableError);
});

test("a call that is still being asked about can be given up by a person", async () => {
  const office = await openPostOffice();
  running = office.test;
  office.send.script("timeout-after-send");
  office.send.answer("retry");
  await office.post("bob");
  const { id, status } = await office.mutation();
  expect(status).toBe("needs_reconcile");
  await running.engine.resolveMutation(id, { verdict: "skip", by: "eve" });
  await running.runUntilIdle();
  expect(await office.mutation()).toMatchObject({ status: "indeterminate", resolution: "skip" });
  expect((await office.runs()).at(-1)).toMatchObject({ status: "committed" });
});

test("an event that is to stay as it is, if it is there, is not published anew", async () => {
  const office = await openPostOffice();
  running = office.test;
  const publish = (to: string) =>
    running.engine.publish("letters", "letter", { messageId: "bob", payload: { to }, keepsPending: true });
  await running.engine.pause("letters");
  expect(await publish("bob")).toMatchObject({ outcome: "created" });
  expect(await publish("eve")).toMatchObject({ outcome: "unchanged" });
  await running.engine.resume("letters");
  await running.runUntilIdle();
  expect(office.send.effects.map(({ params }) => params.to)).toEqual(["bob"]);
});
