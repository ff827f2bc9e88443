/** A bank whose calls carry secrets, which it repeats wherever it can; and a workflow that does so, too. */
import { defineConnector, defineWorkflow, LogicError, mutation, NetworkError, read } from "@millrace/agent";
import type { EngineOptions } from "@millrace/agent";
import { z } from "zod";

/** What its connector declares secret; no id and no time holds one of them by chance. */
export const SECRETS = {
  pin: "zq7x",
  card: '5105 "1051" ☃/q',
  code: "a-receipt's code",
  hint: "the-hint-of-the-read",
};
/** What it does not declare. */
export const HOLDER = "Ada Lovelace";

const order = z.object({
  account: z.string(),
  pin: z.string(),
  card: z.object({ number: z.string(), holder: z.string() }),
});
type Order = z.output<typeof order>;

const quote = (paid: Order) =>
  `the bank says: ${JSON.stringify(paid)} of /pay?with=${encodeURIComponent(paid.card.number)}`;

const transfer = (approval?: "required") =>
  mutation({
    params: order,
    secrets: ["pin", "card.number", "receipt.code"],
    describe: ({ account, pin, card }) => `Pay ${account} of ${card.holder} with ${card.number}, ${pin}`,
    async execute(params: Order): Promise<{ receipt: { code: string; holder: string } }> {
      if (params.account === "refused") throw new LogicError(quote(params), { cause: new Error(quote(params)) });
      if (params.account === "unclear") throw new NetworkError(quote(params));
      if (params.account === "broken") throw new TypeError(quote(params));
      return { receipt: { code: SECRETS.code, holder: params.card.holder } };
    },
    reconcile: async (params) => ({ outcome: "inconclusive", reason: quote(params) }),
    ...(approval && { approval }),
  });

const bank = defineConnector({
  name: "bank",
  operations: {
    transfer: transfer(),
    transferApproved: transfer("required"),
    look: read({
      params: z.object({ pin: z.string() }),
      secrets: ["pin", "hint"],
      execute: async () => ({ hint: SECRETS.hint }),
    }),
  },
});

/** A workflow of this name whose handlers tell their log whatever they know. */
const payouts = (name: string) =>
  defineWorkflow({
    name,
    topics: { asked: order },
    connectors: { bank },
    consumers: (consumer) => ({
      pay: consumer({
        subscribe: ["asked"],
        async prepare(ctx) {
          const [event] = await ctx.peek("asked", { limit: 1 });
          if (!event) return { reservations: [], data: null };
          const { payload } = event;
          const { hint } = await ctx.bank.look({ pin: payload.pin });
          ctx.log("info", `looked: ${hint}`, { hint, payload });
          return { reservations: [{ topic: "asked", ids: [event.id] }], data: { ...payload, again: payload.pin } };
        },
        async mutate(ctx, { data }) {
          if (!data) return undefined;
          ctx.log("info", "paying", { params: data });
          const { again: _again, ...params } = data;
          return params.account === "asked for" ? ctx.bank.transferApproved(params) : ctx.bank.transfer(params);
        },
        async next(ctx, { data }, outcome) {
          if (!data || outcome.status !== "applied") return;
          ctx.log("warn", `paid with ${data.pin}: ${JSON.stringify(outcome.result)}`, { told: outcome.result });
          if (data.account === "clumsy") throw new Error(`dropped ${data.card.number} and ${JSON.stringify(outcome)}`);
        },
      }),
    }),
  });

/** A version of it that calls nothing. */
export const idle = (name: string) =>
  defineWorkflow({
    name,
    topics: { asked: order },
    consumers: (consumer) => ({
      pay: consumer({
        subscribe: ["asked"],
        async prepare() {
          return { reservations: [], data: null };
        },
      }),
    }),
  });

/** Each stops its workflow in another way, so each has one of its own. */
export const ACCOUNTS = ["fine", "refused", "unclear", "broken", "clumsy", "asked for"];
export const nameOf = (account: string) => `payout-${account.replaceAll(" ", "-")}`;

export const orderOf = (account: string): Order => ({
  account,
  pin: SECRETS.pin,
  card: { number: SECRETS.card, holder: HOLDER },
});

export const payoutOptions = (): Partial<EngineOptions> => ({
  workflows: ACCOUNTS.map((account) => payouts(nameOf(account))),
});
