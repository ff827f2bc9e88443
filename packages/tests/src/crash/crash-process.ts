/**
 * One life of a small automation on a real file, in a process of its own, that ends at a point of its choosing by
 * SIGKILL: arguments are the database's path, the file that counts effects, the point (a number, or "never"), and
 * whether the connector can be asked.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { applied, createEngine, defineConnector, defineWorkflow, mutation, notApplied } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { z } from "zod";

const [path = "", effects = "", at = "never", asks = "asks"] = process.argv.slice(2);
let passed = 0;

/** Passes a point, and dies there if it is the one. */
function pass(): "continue" {
  passed += 1;
  if (String(passed) === at) process.kill(process.pid, "SIGKILL");
  return "continue";
}

const happened = (key: string) => existsSync(effects) && readFileSync(effects, "utf8").includes(`${key} `);
const world = defineConnector({
  name: "world",
  operations: {
    act: mutation({
      params: z.object({ item: z.string() }),
      async execute({ item }, { idempotencyKey }) {
        pass();
        appendFileSync(effects, `${idempotencyKey} ${item}\n`);
        pass();
        return { item };
      },
      ...(asks === "asks" && {
        reconcile: async ({ item }: { item: string }, key: string) =>
          happened(key) ? applied({ item }) : notApplied(),
      }),
    }),
  },
});

const item = z.object({ item: z.string() });
const workflow = defineWorkflow({
  name: "crashing",
  topics: { found: item, done: item },
  connectors: { world },
  producers: (producer) => ({
    find: producer({
      publishes: ["found"],
      schedule: { interval: "1h" },
      async handler(ctx) {
        for (const name of ["a", "b"]) {
          const input = ctx.registerInput({ source: "test", type: "item", externalId: name, title: name });
          ctx.publish("found", { messageId: name, payload: { item: name }, inputs: [input] });
        }
        return { found: 2 };
      },
    }),
  }),
  consumers: (consumer) => ({
    act: consumer({
      subscribe: ["found"],
      publishes: ["done"],
      async prepare(ctx) {
        const [event] = await ctx.peek("found", { limit: 1 });
        return {
          reservations: event ? [{ topic: "found", ids: [event.id] }] : [],
          data: event?.payload ?? { item: "" },
        };
      },
      mutate: async (ctx, { data }) => ctx.world.act(data),
      async next(ctx, { data }, outcome) {
        if (outcome.status === "applied") ctx.publish("done", { messageId: data.item, payload: data });
      },
    }),
  }),
});

const database = await openDatabase(`sqlite:${path}`, { hooks: { beforeCommit: pass, afterCommit: pass } });
const policy = { reconcile: { confirmationDelayMs: 1 } };
const engine = createEngine({ database, workflows: [workflow], policy });
await engine.start();
await engine.whenIdle();
// An answer of "not applied" is asked for once more a moment later, and what follows from it runs then.
while ((await engine.outputs({ statuses: ["needs_reconcile"] })).length > 0) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  await engine.whenIdle();
}
await engine.whenIdle();
await engine.stop();
await database.close();
process.stdout.write(`passed ${passed}\n`);
