import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineConnector, mutation, read } from "../connectors/define-connector.ts";
import { WorkflowDefinitionError } from "../errors.ts";
import { defineWorkflow } from "./define-workflow.ts";

const sheets = defineConnector({
  name: "sheets",
  operations: {
    rows: read({ params: z.object({ sheet: z.string() }), execute: async ({ sheet }) => [sheet] }),
    append: mutation({
      params: z.object({ row: z.array(z.string()) }),
      execute: async ({ row }) => ({ index: row.length }),
    }),
  },
});

test("payloads, prepared data, operations and outcomes are inferred, and misspelt names do not compile", () => {
  const define = () =>
    defineWorkflow({
      name: "invoices",
      topics: { "mail.received": z.object({ subject: z.string() }), "row.added": z.object({ index: z.number() }) },
      connectors: { sheets },
      producers: (producer) => ({
        poll: producer({
          publishes: ["mail.received"],
          schedule: { interval: "5m" },
          state: z.object({ cursor: z.string() }),
          async handler(ctx, state) {
            expectTypeOf(state).toEqualTypeOf<{ cursor: string } | undefined>();
            expectTypeOf(await ctx.sheets.rows({ sheet: "a" })).toEqualTypeOf<string[]>();
            const input = ctx.registerInput({ source: "mail", type: "mail", externalId: "1", title: "A mail" });
            ctx.publish("mail.received", { messageId: "1", payload: { subject: "x" }, inputs: [input] });
            // @ts-expect-error an undeclared topic
            ctx.publish("row.added", { messageId: "1", payload: { index: 1 }, inputs: [input] });
            // @ts-expect-error a producer can't act
            void ctx.sheets.append;
            return { cursor: "1" };
          },
        }),
      }),
      consumers: (consumer) => ({
        addRow: consumer({
          subscribe: ["mail.received"],
          publishes: ["row.added"],
          async prepare(ctx) {
            const [mail] = await ctx.peek("mail.received");
            // @ts-expect-error a topic that is not subscribed
            void ctx.peek("row.added");
            return {
              reservations: [{ topic: "mail.received", ids: mail ? [mail.id] : [] }],
              data: { row: [mail?.payload.subject ?? ""] },
            };
          },
          async mutate(ctx, prepared) {
            expectTypeOf(prepared.data).toEqualTypeOf<{ row: string[] }>();
            // @ts-expect-error a read in mutate
            void ctx.sheets.rows;
            return ctx.sheets.append({ row: prepared.data.row });
          },
          async next(ctx, prepared, outcome) {
            expectTypeOf(prepared.data.row).toEqualTypeOf<string[]>();
            if (outcome.status === "applied") {
              expectTypeOf(outcome.result).toEqualTypeOf<{ index: number }>();
              ctx.publish("row.added", { messageId: "1", payload: { index: outcome.result.index } });
            }
            // @ts-expect-error a payload of the wrong shape
            ctx.publish("row.added", { messageId: "1", payload: { index: "1" } });
          },
        }),
        misspelt: consumer({
          // @ts-expect-error there is no such topic
          subscribe: ["row.aded"],
          prepare: async () => ({ data: undefined }),
        }),
      }),
    });
  expect(define).toThrow("consumers.misspelt.subscribe: there is no topic");
});

test("every fault of a definition is reported at once, with its path", () => {
  const define = () =>
    defineWorkflow({
      name: "bad name!",
      major: 0,
      topics: { ok: z.string(), "not ok": z.string() },
      producers: (producer) => ({
        poll: producer({ publishes: ["ok"], schedule: { interval: "5 minutes" }, handler: async () => undefined }),
        cron: producer({ publishes: ["ok"], schedule: { cron: "61 * * * *" }, handler: async () => undefined }),
        never: producer({ publishes: ["ok"], schedule: { cron: "0 0 30 2 *" }, handler: async () => undefined }),
        zone: producer({
          publishes: [],
          schedule: { cron: "0 9 * * *", timezone: "Mars/Olympus" },
          handler: async () => undefined,
        }),
      }),
      consumers: (consumer) => ({
        poll: consumer({ subscribe: [], prepare: async () => ({ data: 1 }) }),
        // @ts-expect-error there is no such topic
        read: consumer({ subscribe: ["nope"], prepare: async () => ({ data: 1 }) }),
      }),
    });
  expect(define).toThrow(WorkflowDefinitionError);
  try {
    define();
  } catch (error) {
    const faults = (error as WorkflowDefinitionError).faults.join("\n");
    for (const path of [
      "name:",
      "major:",
      "topics.not ok:",
      "producers.poll.schedule.interval:",
      "producers.cron.schedule.cron:",
      'producers.never.schedule.cron: "0 0 30 2 *" never fires',
      "producers.zone.schedule.timezone:",
      "consumers.poll: a producer has the same name",
      "consumers.poll.subscribe: names no topic",
      'consumers.read.subscribe: there is no topic "nope"',
    ]) {
      expect(faults).toContain(path);
    }
  }
});
