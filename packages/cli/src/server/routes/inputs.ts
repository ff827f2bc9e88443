/** Inputs: what came in, and everything that came of it. */
import * as contract from "../contract/inputs.ts";
import { implement } from "../implementation.ts";
import { inspect } from "./inspect.ts";

export const INPUT_IMPLEMENTATIONS = [
  implement(contract.listInputs, ({ query }, context) => inspect(context).inputs(query)),

  implement(contract.showInput, ({ params }, context) => inspect(context).input(params.input)),

  implement(contract.skipInput, async ({ params }, context) => {
    const { id } = await inspect(context).inputById(params.input);
    const { skipped, events, abortedRuns } = await context.engine.skipInput(id);
    return { skipped, skippedEvents: events, abortedRuns };
  }),
];
