/**
 * The workflow "payments": orders are paid through a bank that can't be asked what became of a transfer, or through a
 * card company that can, and each payment is confirmed by mail.
 */
import { defineConnector, defineWorkflow, type MutationOperation, type WorkflowDefinition } from "@millrace/agent";
import { fakeMutation, type FakeMutation } from "@millrace/agent/testing";
import { z } from "zod";

const order = z.object({
  number: z.string(),
  customer: z.string(),
  amount: z.number(),
  through: z.enum(["bank", "card"]),
});
export type Order = z.output<typeof order>;

interface Receipt {
  reference: string;
}

/** What happened outside, and what will. */
export interface PaymentsWorld {
  workflow: WorkflowDefinition;
  /** What the producer finds when it looks. */
  orders: Order[];
  /** It can't be asked what became of a transfer. */
  transfers: FakeMutation<Order, Order, Receipt>;
  /** It can. */
  charges: FakeMutation<Order, Order, Receipt>;
  confirmations: FakeMutation<Order, Order, Receipt>;
}

export function createPayments(): PaymentsWorld {
  const orders: Order[] = [];
  const result = ({ number }: Order) => ({ reference: `R-${number}` });
  const transfers = fakeMutation({ params: order, result, reconcile: false });
  const charges = fakeMutation({ params: order, result });
  const confirmations = fakeMutation({ params: order, result });
  const connectors = {
    bank: defineConnector({
      name: "bank",
      operations: {
        transfer: describedAs(transfers.operation, ({ number, customer }) => `Pay order ${number} of ${customer}`),
      },
    }),
    card: defineConnector({
      name: "card",
      operations: {
        charge: describedAs(charges.operation, ({ number, customer }) => `Charge order ${number} to ${customer}`),
      },
    }),
    mail: defineConnector({
      name: "mail",
      operations: {
        send: describedAs(confirmations.operation, ({ number, customer }) => `Confirm order ${number} to ${customer}`),
      },
    }),
  };
  const workflow = defineWorkflow({
    name: "payments",
    topics: { ordered: order, paid: order },
    connectors,
    producers: (producer) => ({
      readOrders: producer({
        publishes: ["ordered"],
        schedule: { interval: "30m" },
        state: z.object({ looks: z.number() }),
        async handler(ctx, state) {
          for (const found of orders) {
            const title = `Order ${found.number} of ${found.customer}`;
            const input = ctx.registerInput({ source: "shop", type: "order", externalId: found.number, title });
            ctx.publish("ordered", { messageId: found.number, payload: found, inputs: [input] });
          }
          ctx.log("info", `Looked for orders and found ${orders.length}`);
          return { looks: (state?.looks ?? 0) + 1 };
        },
      }),
    }),
    consumers: (consumer) => ({
      pay: consumer({
        subscribe: ["ordered"],
        publishes: ["paid"],
        async prepare(ctx) {
          const [event] = await ctx.peek("ordered", { limit: 1 });
          if (!event) return { reservations: [], data: null };
          const { number, amount } = event.payload;
          ctx.log("info", `Order ${number} is to be paid`, { amount });
          return {
            reservations: [{ topic: "ordered", ids: [event.id] }],
            data: event.payload,
            ui: { title: `Pay order ${number}` },
          };
        },
        async mutate(ctx, { data }) {
          if (!data) return;
          await (data.through === "bank" ? ctx.bank.transfer(data) : ctx.card.charge(data));
        },
        async next(ctx, { data }, outcome) {
          if (data && outcome.status === "applied") ctx.publish("paid", { messageId: data.number, payload: data });
        },
      }),
      confirm: consumer({
        subscribe: ["paid"],
        async prepare(ctx) {
          const [event] = await ctx.peek("paid", { limit: 1 });
          return { reservations: event ? [{ topic: "paid", ids: [event.id] }] : [], data: event?.payload ?? null };
        },
        async mutate(ctx, { data }) {
          if (data) await ctx.mail.send(data);
        },
      }),
    }),
  });
  return { workflow, orders, transfers, charges, confirmations };
}

/** An operation that says in words what it does. */
export function describedAs<Input, Params, Result>(
  operation: MutationOperation<Input, Params, Result>,
  describe: (params: Params) => string,
): MutationOperation<Input, Params, Result> {
  return { ...operation, describe };
}
