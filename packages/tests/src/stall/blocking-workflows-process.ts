/** Workflows for a process of their own: a handler that blocks the event loop, twice, and one that only waits. */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applied, defineConnector, defineWorkflow, mutation, notApplied } from "@millrace/agent";
import { z } from "zod";

const folder = process.env["STALL_FOLDER"] ?? ".";

/** Blocks the thread without using a processor. */
const block = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

const world = defineConnector({
  name: "world",
  operations: {
    act: mutation({
      params: z.object({ item: z.string() }),
      async execute(params) {
        appendFileSync(join(folder, "effects"), `${params.item}\n`);
        return params;
      },
      reconcile: async (params: { item: string }) =>
        existsSync(join(folder, "effects")) ? applied(params) : notApplied(),
    }),
  },
});

const item = z.object({ item: z.string() });

const reports = defineWorkflow({
  name: "reports",
  topics: { found: item },
  connectors: { world },
  producers: (producer) => ({
    find: producer({
      publishes: ["found"],
      schedule: { interval: "1d" },
      async handler(ctx) {
        for (const name of ["first", "second", "third"]) {
          const input = ctx.registerInput({ source: "test", type: "item", externalId: name, title: name });
          ctx.publish("found", { messageId: name, payload: { item: name }, inputs: [input] });
        }
      },
    }),
  }),
  consumers: (consumer) => ({
    crunch: consumer({
      subscribe: ["found"],
      async prepare(ctx) {
        const [event] = await ctx.peek("found", { limit: 1 });
        return {
          reservations: event ? [{ topic: "found", ids: [event.id] }] : [],
          data: event?.payload ?? { item: "" },
        };
      },
      mutate: async (ctx, { data }) => ctx.world.act(data),
      async next(_ctx, { data }) {
        // The first time long enough for a thread that is only just being started.
        if (data.item === "first") block(3_000);
        else if (data.item === "second") block(1_500);
        else if (data.item === "third") await untilReleased();
      },
    }),
  }),
});

async function untilReleased(): Promise<void> {
  writeFileSync(join(folder, "waiting"), "");
  while (!existsSync(join(folder, "released"))) await new Promise((resolve) => setTimeout(resolve, 20));
}

export default { workflows: [reports], policy: { watchdog: { blockedMs: 1_000 } } };
