/** Outputs: the mutation ledger, and what people decide about it. */
import * as contract from "../contract/outputs.ts";
import { implement } from "../implementation.ts";
import { inspect } from "./inspect.ts";

/** How many of those that a bulk decision is about are shown. */
const EXAMPLES = 20;

export const OUTPUT_IMPLEMENTATIONS = [
  implement(contract.listOutputs, ({ query: { status, ...query } }, context) =>
    inspect(context).outputs({ ...query, statuses: status }),
  ),

  implement(contract.showOutput, ({ params }, context) => inspect(context).output(params.output)),

  implement(contract.approveOutput, async ({ params, body }, context) => {
    const { id } = await inspect(context).outputById(params.output);
    return inspect(context).describeOutput(await context.engine.approve(id, { ...body, by: context.principal.name }));
  }),

  implement(contract.resolveOutput, async ({ params, body: { resolution, ...rest } }, context) => {
    const { id } = await inspect(context).outputById(params.output);
    const verdict = { ...rest, verdict: resolution, by: context.principal.name };
    return inspect(context).describeOutput(await context.engine.resolveMutation(id, verdict));
  }),

  implement(contract.resolveOutputs, async ({ body }, context) => {
    const { connector, from, until, resolution, evidence, dryRun } = body;
    const { name: by, platformId } = context.principal;
    const selector = { connector, from, before: until, platformId };
    const result = await context.engine.resolveMutations(selector, { verdict: resolution, by, evidence }, { dryRun });
    return {
      matched: result.matched.length,
      resolved: result.resolved.length,
      refused: result.refused,
      examples: await inspect(context).summariseOutputs(result.matched.slice(0, EXAMPLES)),
    };
  }),
];
