/** Executions of jobs, their logs, dead letters, events for jobs, and how the scheduler is doing. */
import type { JobExecution, Scheduler } from "@millrace/agent";
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
    return { items: await named(scheduler, items), nextCursor };
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

/** Executions with the names of their jobs, each of which is looked up once. */
async function named(scheduler: Scheduler, executions: readonly JobExecution[]) {
  const ids = [...new Set(executions.map(({ jobId }) => jobId))];
  const names = new Map(await Promise.all(ids.map(async (id) => [id, (await scheduler.getJob(id)).name] as const)));
  return executions.map((execution) => ({ ...execution, jobName: names.get(execution.jobId) ?? execution.jobId }));
}
