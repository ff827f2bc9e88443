/** What can't be read hides no secret any more, so what may hold one is not shown at all. */
import { defineWorkflow, Operations } from "@millrace/agent";
import { createTestEngine, fakeConnector, fakeMutation, type TestEngine } from "@millrace/agent/testing";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";

const PIN = "pin-4711-0815";
const transfer = z.object({ pin: z.string() });

let running: TestEngine;
beforeEach(async () => {
  const act = fakeMutation({ params: transfer, result: ({ pin }) => ({ text: `sent with ${pin}` }), secrets: ["pin"] });
  const shop = defineWorkflow({
    name: "shop",
    topics: { paid: transfer },
    connectors: { bank: fakeConnector("bank", { act }) },
    consumers: (consumer) => ({
      pay: consumer({
        subscribe: ["paid"],
        async prepare(ctx) {
          const [event] = await ctx.peek("paid");
          if (!event) return { data: { pin: "" } };
          return { reservations: [{ topic: "paid", ids: [event.id] }], data: event.payload };
        },
        mutate: (ctx, { data }) => ctx.bank.act(data),
        async next(_ctx, { data }) {
          if (data.pin !== "") throw new Error(`it failed with ${data.pin}`);
        },
      }),
    }),
  });
  running = await createTestEngine({ workflows: [shop] });
  await running.runUntilIdle();
  await running.engine.publish("shop", "paid", { messageId: "1", payload: { pin: PIN } });
  await running.runUntilIdle();
});
afterEach(() => running.close());

/** All that lists show, to another process too, which has no configuration in its memory. */
async function shown(): Promise<string> {
  const engine = new Operations({ database: running.database });
  const lists = [engine.runs(), engine.outputs(), engine.events(), engine.needsAttention(), engine.status()];
  const views = [engine.inspect().runs(), engine.inspect().outputs(), engine.inspect().attention({})];
  return JSON.stringify(await Promise.all([...lists, ...views]));
}

const breakColumn = (table: string, column: string) =>
  running.database.transaction(({ executor }) =>
    sql`update ${sql.table(table)} set ${sql.ref(column)} = ${"{"}`.execute(executor),
  );

test("a readable row shows all but its secret", async () => {
  expect(await shown()).toContain("it failed with [redacted]");
  expect(await shown()).not.toContain(PIN);
});

test.each([
  ["mutations", "params"],
  ["mutations", "result"],
  ["workflows", "handler_config"],
])("with %s.%s that can't be read, nothing is shown that may be a secret", async (table, column) => {
  await breakColumn(table, column);
  expect(await shown()).not.toContain(PIN);
});

test("a list shows the row with what can't be read of it flagged", async () => {
  await breakColumn("handler_runs", "prepare_result");
  await breakColumn("mutations", "params");
  const [run] = await running.engine.runs();
  const [output] = await running.engine.outputs();
  expect(run).toMatchObject({ handlerName: "pay", prepareResult: "[unreadable]" });
  expect(output).toMatchObject({ connector: "bank", params: "[unreadable]" });
});
