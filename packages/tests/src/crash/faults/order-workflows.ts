/**
 * The workflows of the tests of faults, as `millrace run` and `millrace serve` load them: orders are found, and the
 * outside world is told of each. The environment says where a handler does what no handler should:
 * FAULT_WORLD the receiver's address, FAULT_AT the handler, FAULT_DOES what it does there.
 */
import { closeSync, openSync } from "node:fs";
import { defineWorkflow, http } from "@millrace/agent";
import { z } from "zod";

const { FAULT_WORLD = "", FAULT_AT = "", FAULT_DOES = "", FAULT_ORDERS = "1", FAULT_MAX_CRASHES = "10" } = process.env;

/** What has happened, as the test reads it. */
const say = (what: string) => process.stdout.write(`fault: ${what}\n`);

async function pass(place: string): Promise<void> {
  if (place !== FAULT_AT) return;
  say(`in ${place}`);
  if (FAULT_DOES === "wait for the signal") {
    await new Promise<void>((resolve) => {
      process.once("SIGTERM", () => resolve());
      process.once("SIGINT", () => resolve());
    });
  }
  if (FAULT_DOES === "hang") await new Promise(() => undefined);
  if (FAULT_DOES === "run out of memory") runOutOfMemory();
  if (FAULT_DOES === "take all descriptors") takeDescriptors();
}

const taken: number[] = [];
let passes = 0;

/** Twice all are taken (what ends for want of one frees its own), the third time they are free again. */
function takeDescriptors(): void {
  passes += 1;
  if (passes >= 3) {
    for (const descriptor of taken.splice(0)) closeSync(descriptor);
    return;
  }
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

function runOutOfMemory(): void {
  const kept: string[][] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => `${kept.length} ${index}`));
}

const order = z.object({ order: z.string() });
const world = http({ name: "world", reconcileUrl: `${FAULT_WORLD}/told/{key}`, allowPrivateAddresses: true });

const workflow = defineWorkflow({
  name: "orders",
  topics: { found: order, told: order },
  connectors: { world },
  producers: (producer) => ({
    find: producer({
      publishes: ["found"],
      schedule: { interval: "1d" },
      async handler(ctx) {
        await pass("handler");
        for (let number = 1; number <= Number(FAULT_ORDERS); number += 1) {
          const name = `o-${number}`;
          const input = ctx.registerInput({ source: "shop", type: "order", externalId: name, title: name });
          ctx.publish("found", { messageId: name, payload: { order: name }, inputs: [input] });
        }
        return null;
      },
    }),
  }),
  consumers: (consumer) => ({
    tell: consumer({
      subscribe: ["found"],
      publishes: ["told"],
      async prepare(ctx) {
        const [event] = await ctx.peek("found", { limit: 1 });
        if (event) await pass("prepare");
        return {
          reservations: event ? [{ topic: "found", ids: [event.id] }] : [],
          data: event?.payload ?? { order: "" },
        };
      },
      mutate: async (ctx, { data }) => ctx.world.post({ url: `${FAULT_WORLD}/tell`, json: data }),
      async next(ctx, { data }) {
        if (data.order !== "") await pass("next");
        if (data.order !== "") ctx.publish("told", { messageId: data.order, payload: data });
      },
    }),
  }),
});

export default {
  workflows: [workflow],
  policy: {
    stop: { graceMs: 400 },
    storage: { retryDelayMs: 50 },
    reconcile: { confirmationDelayMs: 1, backoff: { initialMs: 20 } },
    retry: { maxCrashes: Number(FAULT_MAX_CRASHES), backoff: { initialMs: 20 } },
  },
};
