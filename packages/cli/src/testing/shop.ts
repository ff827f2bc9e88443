/** For tests: a shop whose bank does as it is told, and a post whose letters a person must approve. */
import { defineWorkflow } from "@millrace/agent";
import { fakeConnector, fakeMutation } from "@millrace/agent/testing";
import { z } from "zod";
import type { RouteBench } from "./route-bench.ts";

const order = z.object({ number: z.string() });

/** Makes workflows afresh, so that what a test scripts is its own. */
export function makeShop(names: readonly string[] = ["shop"], { reconcile = true } = {}) {
  const transfer = fakeMutation({ params: order, reconcile, result: ({ number }) => ({ reference: `T-${number}` }) });
  const letter = fakeMutation({ params: order, approval: "required", result: () => ({ sent: true }) });
  const bank = fakeConnector("bank", { transfer });
  const post = fakeConnector("post", { letter });
  const workflows = names.map((name) =>
    defineWorkflow({
      name,
      topics: { ordered: order, paid: order, reminded: order },
      connectors: { bank, post },
      producers: (producer) => ({
        readOrders: producer({
          publishes: ["ordered"],
          schedule: { cron: "0 9 * * *", timezone: "Europe/Berlin" },
          async handler(ctx) {
            ctx.log("info", "looking for orders");
            ctx.log("warn", "there is one");
            const input = ctx.registerInput({ source: "mail", type: "order", externalId: "m", title: "Order by mail" });
            ctx.publish("ordered", { messageId: "m", payload: { number: "m" }, inputs: [input] });
          },
        }),
      }),
      consumers: (consumer) => ({
        pay: consumer({
          subscribe: ["ordered"],
          publishes: ["paid"],
          async prepare(ctx) {
            const [event] = await ctx.peek("ordered", { limit: 1 });
            return {
              reservations: event ? [{ topic: "ordered", ids: [event.id] }] : [],
              data: { number: event?.payload.number ?? "" },
            };
          },
          mutate: (ctx, { data }) => ctx.bank.transfer(data),
          async next(ctx, { data }, outcome) {
            if (outcome.status === "applied") ctx.publish("paid", { messageId: data.number, payload: data });
          },
        }),
        file: consumer({
          subscribe: ["paid"],
          async prepare(ctx) {
            const [event] = await ctx.peek("paid", { limit: 1 });
            return { reservations: event ? [{ topic: "paid", ids: [event.id] }] : [], data: null };
          },
        }),
        remind: consumer({
          subscribe: ["reminded"],
          async prepare(ctx) {
            const [event] = await ctx.peek("reminded", { limit: 1 });
            return {
              reservations: event ? [{ topic: "reminded", ids: [event.id] }] : [],
              data: { number: event?.payload.number ?? "" },
            };
          },
          mutate: (ctx, { data }) => ctx.post.letter(data),
        }),
      }),
    }),
  );
  return { workflows, transfer, letter };
}

/** An order that comes in from outside; resolves when all that came of it at once is done. */
export async function placeOrder(
  { engine }: Pick<RouteBench, "engine">,
  number: string,
  { workflow = "shop", topic = "ordered", type = "order" } = {},
): Promise<void> {
  const input = { source: "web", type, externalId: number, title: `Order ${number}` };
  await engine.publish(workflow, topic, { messageId: number, payload: { number }, input });
  await engine.whenIdle();
}
