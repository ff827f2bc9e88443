/** Workflows: what they are made of and how they do, and what a person may do with one. */
import * as contract from "../contract/workflows.ts";
import { implement } from "../implementation.ts";
import { assertOwnWorkflow, inspect } from "./inspect.ts";

const done = { done: true } as const;

export const WORKFLOW_IMPLEMENTATIONS = [
  implement(contract.listWorkflows, ({ query }, context) => inspect(context).workflows(query)),

  implement(contract.showWorkflow, ({ params }, context) => inspect(context).workflow(params.workflow)),

  implement(contract.pauseWorkflow, async ({ params }, context) => {
    await assertOwnWorkflow(context, params.workflow);
    await context.engine.pause(params.workflow);
    return done;
  }),

  implement(contract.resumeWorkflow, async ({ params }, context) => {
    await assertOwnWorkflow(context, params.workflow);
    await context.engine.resume(params.workflow);
    return done;
  }),

  implement(contract.runWorkflow, async ({ params, body }, context) => {
    await assertOwnWorkflow(context, params.workflow);
    await context.engine.runNow(params.workflow, body.producers);
    return done;
  }),

  implement(contract.retryWorkflow, async ({ params, body }, context) => {
    await assertOwnWorkflow(context, params.workflow);
    const run = await context.engine.retry(params.workflow, { by: context.principal.name, evidence: body.evidence });
    return inspect(context).summariseRun(run);
  }),

  implement(contract.listWorkflowVersions, async ({ params }, context) => ({
    items: await inspect(context).versions(params.workflow),
  })),

  implement(contract.showWorkflowVersion, ({ params }, context) =>
    inspect(context).version(params.workflow, params.version),
  ),

  implement(contract.listProducerDecisions, async ({ params }, context) => ({
    items: await inspect(context).decisions(params.workflow, params.producer),
  })),
];
