/** Runs of handlers: phases, attempts, logs, and replaying one. */
import type { MutationId } from "@millrace/db";
import * as contract from "../contract/runs.ts";
import { implement } from "../implementation.ts";
import { inspect } from "./inspect.ts";

export const RUN_IMPLEMENTATIONS = [
  implement(contract.listRuns, ({ query: { status, ...query } }, context) =>
    inspect(context).runs({ ...query, statuses: status }),
  ),

  implement(contract.showRun, ({ params }, context) => inspect(context).run(params.run)),

  implement(contract.listRunLogs, async ({ params, query: { after, level } }, context) => ({
    items: await inspect(context).runLogs(params.run, { after, levels: level }),
  })),

  implement(contract.planReplay, async ({ params, query }, context) => {
    const inspector = inspect(context);
    const { id } = await inspector.runById(params.run);
    return inspector.describeReplay(await context.engine.planReplay(id, query));
  }),

  // The run that comes of it begins when the workflow gets to it.
  implement(contract.replayRun, async ({ params, body: { from, cross, evidence } }, context) => {
    const { id } = await inspect(context).runById(params.run);
    const by = context.principal.name;
    // What is no id of an effect of this replay is refused by name.
    await context.engine.replayRun(id, { from, by, evidence, cross: cross as MutationId[] });
    return { done: true as const, runId: null };
  }),
];
