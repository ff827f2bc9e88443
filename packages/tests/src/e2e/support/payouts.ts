/** Workflows that pay out through one clearing house: when it is down, each of them has something that nobody knows. */
import { defineConnector, defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import { fakeMutation, type FakeMutation } from "@millrace/agent/testing";
import { z } from "zod";
import { describedAs } from "./payments.ts";

const payout = z.object({ to: z.string(), amount: z.number() });
export type Payout = z.output<typeof payout>;

export interface PayoutsWorld {
  workflows: WorkflowDefinition[];
  payouts: FakeMutation<Payout, Payout, { reference: string }>;
}

export const PAYOUT_WORKFLOWS = ["payouts-north", "payouts-south", "payouts-west"] as const;

export function createPayouts(): PayoutsWorld {
  const payouts = fakeMutation({
    params: payout,
    result: ({ to }: Payout) => ({ reference: `C-${to}` }),
    reconcile: false,
  });
  const clearing = defineConnector({
    name: "clearing",
    operations: { payOut: describedAs(payouts.operation, ({ to, amount }) => `Pay ${amount} € out to ${to}`) },
  });
  const workflows = PAYOUT_WORKFLOWS.map((name) =>
    defineWorkflow({
      name,
      topics: { due: payout },
      connectors: { clearing },
      consumers: (consumer) => ({
        payOut: consumer({
          subscribe: ["due"],
          async prepare(ctx) {
            const [event] = await ctx.peek("due", { limit: 1 });
            return { reservations: event ? [{ topic: "due", ids: [event.id] }] : [], data: event?.payload ?? null };
          },
          async mutate(ctx, { data }) {
            if (data) await ctx.clearing.payOut(data);
          },
        }),
      }),
    }),
  );
  return { workflows, payouts };
}
