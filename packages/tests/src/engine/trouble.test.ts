import { defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import {
  attachTestEngine,
  createTestEngine,
  FakeClock,
  fakeConnector,
  fakeMutation,
  openTestDatabase,
  type TestEngine,
} from "@millrace/agent/testing";
import { createStores, DatabaseFullError } from "@millrace/db";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openPostOffice, positions } from "../support/post-office.ts";

let running: TestEngine;
afterEach(() => running.close());

/** Sets how many pages the database may have: few enough, and it is full. */
async function limitPages(pages: number): Promise<void> {
  await running.database.transaction(({ executor }) =>
    sql`pragma max_page_count = ${sql.lit(pages)}`.execute(executor),
  );
}

describe("a full disk", () => {
  test("a publish is refused with a clear error, and nothing of it is there", async () => {
    const office = await openPostOffice();
    running = office.test;
    await limitPages(1);
    const publishing = running.engine.publish("letters", "letter", {
      messageId: "bob",
      payload: { to: "x".repeat(500_000) },
    });
    await expect(publishing).rejects.toThrow(DatabaseFullError);
    await limitPages(1_000_000);
    expect((await running.engine.status())[0]?.pending).toEqual({ letter: 0, sent: 0 });
    expect(await running.engine.inputs()).toEqual([]);
    await office.post("bob");
    expect(office.send.effects).toHaveLength(1);
  });

  test("the outcome of a call that is made while the disk is full is kept, and recorded when there is room", async () => {
    let fill: (() => Promise<void>) | null = null;
    const big = z.object({ to: z.string(), text: z.string() });
    const send = fakeMutation({
      params: z.object({ to: z.string() }),
      result: ({ to }: { to: string }) => ({ to, receipt: "r".repeat(500_000) }),
    });
    const workflow = defineWorkflow({
      name: "receipts",
      topics: { letter: big },
      connectors: {
        post: fakeConnector("post", {
          send: {
            operation: {
              ...send.operation,
              execute: async (params: { to: string }, context) => {
                const result = await send.operation.execute(params, context);
                await fill?.();
                return result;
              },
            },
          },
        }),
      },
      consumers: (consumer) => ({
        send: consumer({
          subscribe: ["letter"],
          async prepare(ctx) {
            const [event] = await ctx.peek("letter", { limit: 1 });
            return {
              reservations: event ? [{ topic: "letter", ids: [event.id] }] : [],
              data: { to: event?.messageId ?? "" },
            };
          },
          mutate: async (ctx, { data }) => ctx.post.send(data),
        }),
      }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    fill = () => limitPages(1);
    await running.engine.publish("receipts", "letter", { messageId: "bob", payload: { to: "bob", text: "" } });
    await running.advance("10s");
    expect(send.effects).toHaveLength(1);
    expect((await running.engine.outputs())[0]).toMatchObject({ status: "in_flight" });
    fill = null;
    await limitPages(1_000_000);
    await running.advance("2s");
    await running.runUntilIdle();
    expect((await running.engine.outputs())[0]).toMatchObject({ status: "applied" });
    expect(positions(await running.engine.runs({ handlerName: "send", limit: 1 }))).toEqual(["committed/committed"]);
    expect(send.calls).toHaveLength(1);
  });
});

describe("stopping", () => {
  test("waits for what runs, up to the grace of the policy, and leaves the rest to recovery", async () => {
    const letter = z.object({ to: z.string() });
    const hanging = (hangs: boolean): WorkflowDefinition =>
      defineWorkflow({
        name: "hanging",
        topics: { letter },
        consumers: (consumer) => ({
          look: consumer({
            subscribe: ["letter"],
            async prepare(ctx) {
              const events = await ctx.peek("letter");
              if (hangs) await new Promise(() => undefined);
              return { reservations: [{ topic: "letter", ids: events.map(({ id }) => id) }], data: null };
            },
          }),
        }),
      });
    running = await createTestEngine({ workflows: [hanging(true)] });
    await running.engine.publish("hanging", "letter", { messageId: "1", payload: { to: "a" } });
    await running.advance("1s");
    const stopping = running.engine.stop();
    await running.advance("10s");
    await stopping;
    const image = running.database.serialise();
    await running.database.close();
    const database = await openTestDatabase(new FakeClock(), { image });
    running = attachTestEngine(database, new FakeClock("2026-01-02T00:00:00Z"), { workflows: [hanging(false)] });
    expect(await running.engine.start()).toMatchObject({ crashedRuns: 1 });
    await running.runUntilIdle();
    expect((await running.engine.status())[0]?.pending).toEqual({ letter: 0 });
  });

  test("a mutation that is under way when the grace is over is recorded as uncertain, and asked about at the next start", async () => {
    const office = await openPostOffice();
    running = office.test;
    office.send.script("hang-after-send");
    await running.engine.publish("letters", "letter", { messageId: "bob", payload: { to: "bob" } });
    await running.advance("1s");
    const stopping = running.engine.stop();
    await running.advance("10s");
    await stopping;
    expect(await office.mutation()).toMatchObject({ status: "needs_reconcile" });
    const image = running.database.serialise();
    await running.database.close();
    running = attachTestEngine(
      await openTestDatabase(new FakeClock(), { image }),
      new FakeClock("2026-01-02T00:00:00Z"),
      { workflows: [office.workflow] },
    );
    await running.engine.start();
    await running.runUntilIdle();
    expect((await running.engine.outputs())[0]).toMatchObject({ status: "applied", resolvedBy: "reconcile" });
    expect(office.send.calls).toHaveLength(1);
  });
});

describe("skipping an input", () => {
  test("skips its pending events, and what is published for it later", async () => {
    const office = await openPostOffice();
    running = office.test;
    await running.engine.pause("letters");
    await office.post("bob");
    const [input] = await running.engine.inputs();
    expect(await running.engine.skipInput(input!.id)).toEqual({
      skipped: true,
      events: 1,
      abortedRuns: [],
      completingRuns: [],
    });
    expect(await running.engine.skipInput(input!.id)).toMatchObject({ skipped: false });
    const { externalId, source, type, title } = input!;
    await running.engine.publish("letters", "letter", {
      messageId: "again",
      payload: { to: "bob" },
      input: { externalId, source, type, title },
    });
    await running.engine.resume("letters");
    await running.runUntilIdle();
    expect(office.send.calls).toEqual([]);
    expect((await running.engine.status())[0]?.pending).toEqual({ letter: 0, sent: 0 });
  });

  test("a run that has acted completes", async () => {
    const office = await openPostOffice({
      onNext: () => {
        throw new Error("not yet");
      },
    });
    running = office.test;
    await office.post("bob");
    const [input] = await running.engine.inputs();
    const [run] = await running.engine.runs({ limit: 1 });
    expect(await running.engine.skipInput(input!.id)).toMatchObject({ completingRuns: [run!.id], abortedRuns: [] });
    expect(office.send.effects).toHaveLength(1);
  });
});

test("recovering twice is the same as recovering once", async () => {
  const office = await openPostOffice();
  running = office.test;
  await office.post("bob");
  const image = running.database.serialise();
  const counts = [];
  let last = image;
  for (let time = 0; time < 2; time += 1) {
    const database = await openTestDatabase(new FakeClock(), { image: last });
    const again = attachTestEngine(database, new FakeClock(), { workflows: [] });
    counts.push(await again.engine.start());
    await again.engine.stop();
    last = database.database.serialise();
    expect(await createStores(database.database).handlerRuns.listActive()).toEqual([]);
    await database.database.close();
  }
  expect(counts).toEqual([
    { crashedRuns: 0, uncertainMutations: 0, interruptedSessions: 0 },
    { crashedRuns: 0, uncertainMutations: 0, interruptedSessions: 0 },
  ]);
});
