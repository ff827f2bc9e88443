/** Executions of jobs, their logs, dead letters, events for jobs, and how the scheduler is doing. */
import type { JobExecution } from "@millrace/agent";
import type { Stores } from "@millrace/db";
import * as contract from "../contract/executions.ts";
import { implement } from "../implementation.ts";
import { schedulerOf } from "./jobs.ts";

const DEFAULT_LIMIT = 50;

export const EXECUTION_IMPLEMENTATIONS = [
  implement(contract.listExecutions, ({ params, query }, context) => {
    const { status, limit = DEFAULT_LIMIT, ...rest } = query;
    return schedulerOf(context).getJobHistory(params.job, { ...rest, statuses: status, limit });
  }),

  implement(contract.showExecution, async ({ params }, context) => {
    const scheduler = schedulerOf(context);
    const details = await scheduler.getExecution(params.execution);
    return { ...details, job: await scheduler.getJob(details.execution.jobId) };
  }),

  implement(contract.listExecutionLogs, async ({ params, query }, context) => ({
    items: await schedulerOf(context).getExecutionLogs(params.execution, {
      afterSeq: query.after,
      levels: query.level,
    }),
  })),

  implement(contract.cancelExecution, ({ params, body }, context) =>
    schedulerOf(context).cancelExecution(params.execution, body),
  ),

  implement(contract.retryExecution, ({ params }, context) =>
    schedulerOf(context).retryExecution(params.execution, { by: context.principal.name }),
  ),

  implement(contract.listDeadLetters, async ({ query }, context) => {
    const scheduler = schedulerOf(context);
    const { job: jobId, cursor, limit = DEFAULT_LIMIT } = query;
    const { items, nextCursor } = await scheduler.listDeadLetters({ jobId, cursor, limit });
    return { items: await named(context.stores, items), nextCursor };
  }),

  implement(contract.redrive, async ({ body }, context) => ({
    items: await schedulerOf(context).redrive(body.executions, { by: context.principal.name }),
  })),

  implement(contract.triggerEvent, async ({ params, body }, context) => {
    const { payload, eventId } = body;
    const options = { eventId, by: context.principal.name };
    return { items: await schedulerOf(context).triggerEvent(params.event, payload, options) };
  }),

  implement(contract.listEventHandlers, async (_input, context) => ({
    items: await schedulerOf(context).listEventHandlers(),
  })),

  implement(contract.setEventHandler, async ({ params, body }, context) => {
    await schedulerOf(context).setEventHandlerEnabled(params.job, body.enabled);
    return { done: true as const };
  }),

  implement(contract.showJobMetrics, async (_input, context) => {
    const scheduler = schedulerOf(context);
    const [metrics, health] = await Promise.all([scheduler.getMetrics(), scheduler.healthCheck()]);
    return { ...metrics, health };
  }),
];

/** Executions with the names of their jobs, which are looked up at once. */
async function named({ names }: Stores, executions: readonly JobExecution[]) {
  const jobs = await names.jobs(executions.map(({ jobId }) => jobId));
  return executions.map((execution) => ({ ...execution, jobName: jobs.get(execution.jobId)?.name ?? execution.jobId }));
}
