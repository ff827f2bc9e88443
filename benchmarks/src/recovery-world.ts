/** What is killed and started again: workflows that pass orders to and fro, so that as many events stay pending. */
import { applied, defineConnector, defineJobHandler, defineWorkflow, mutation } from "@millrace/agent";
import { z } from "zod";

export const WORKFLOWS = 20;
export const JOBS = 50;

/** How long a delivery takes, in milliseconds: so at any moment some are in flight. */
const DELIVERY_MS = 10;

/** How long an execution of a job takes, in milliseconds; one begins each second. */
const JOB_MS = 500;

const order = z.object({ order: z.number(), hop: z.number(), note: z.string() });

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param onDelivery called at each call that is made, not at those that are only asked about */
export function createWorld(onDelivery: () => void) {
  const carrier = defineConnector({
    name: "carrier",
    operations: {
      deliver: mutation({
        params: z.object({ order: z.number(), hop: z.number() }),
        async execute({ order: number }) {
          onDelivery();
          await pause(DELIVERY_MS);
          return { order: number };
        },
        reconcile: async ({ order: number }) => applied({ order: number }),
      }),
    },
  });
  const workflows = Array.from({ length: WORKFLOWS }, (_, index) => {
    return defineWorkflow({
      name: workflowName(index),
      topics: { outbound: order, inbound: order },
      connectors: { carrier },
      consumers: (consumer) => {
        const carry = (from: "outbound" | "inbound", to: "outbound" | "inbound") =>
          consumer({
            subscribe: [from],
            publishes: [to],
            async prepare(ctx) {
              const [event] = await ctx.peek(from, { limit: 1 });
              return {
                reservations: event ? [{ topic: from, ids: [event.id] }] : [],
                data: event?.payload ?? null,
              };
            },
            mutate: async (ctx, { data }) => {
              if (!data) return;
              return ctx.carrier.deliver({ order: data.order, hop: data.hop });
            },
            async next(ctx, { data }) {
              if (!data) return;
              const { order: number, hop, note } = data;
              ctx.publish(to, { messageId: `${number}-${hop + 1}`, payload: { order: number, hop: hop + 1, note } });
            },
          });
        return { send: carry("outbound", "inbound"), return: carry("inbound", "outbound") };
      },
    });
  });
  const jobHandler = defineJobHandler({ name: "count", handler: () => pause(JOB_MS) });
  return { workflows, jobHandlers: [jobHandler] };
}

export const workflowName = (index: number) => `orders-${String(index).padStart(2, "0")}`;
