/** What needs a person. */
import * as contract from "../contract/attention.ts";
import { implement } from "../implementation.ts";
import { inspect } from "./inspect.ts";

export const ATTENTION_IMPLEMENTATIONS = [
  implement(contract.listAttention, ({ query: { kind, ...query } }, context) =>
    inspect(context).attention({ ...query, kinds: kind }),
  ),

  implement(contract.countAttention, (_input, context) => inspect(context).attentionCount()),

  implement(contract.dismissNotification, async ({ params }, context) => {
    const { id } = await inspect(context).notificationById(params.notification);
    await context.engine.dismiss(id);
    return { done: true as const };
  }),
];
