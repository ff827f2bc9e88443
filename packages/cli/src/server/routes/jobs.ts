/** Jobs: the operations that show, make and change one. */
import { upcomingRuns } from "@millrace/agent";
import * as contract from "../contract/jobs.ts";
import { assertNothingMasked } from "../http/masked-values.ts";
import { implement, type RequestContext } from "../implementation.ts";
import { actOnAllJobs } from "./bulk-job-actions.ts";

const DEFAULT_LIMIT = 50;
const NEXT_RUNS = 5;

/** The jobs of the platform of who asks: those of others do not exist for it. */
export const schedulerOf = ({ engine, principal }: Pick<RequestContext, "engine" | "principal">) =>
  engine.schedulerOf(principal.platformId);

export const JOB_IMPLEMENTATIONS = [
  implement(contract.listJobs, ({ query }, context) => {
    const { status, type, handler, tag, text, cursor, limit = DEFAULT_LIMIT } = query;
    return schedulerOf(context).listJobs({
      statuses: status,
      types: type,
      handler,
      tags: tag === undefined ? undefined : [tag],
      search: text,
      cursor,
      limit,
    });
  }),

  // Who makes a job is who asks, whatever the body says.
  implement(contract.createJob, async ({ body }, context) => {
    assertNothingMasked(body, "body");
    return schedulerOf(context).schedule({ ...body, createdBy: context.principal.name });
  }),

  implement(contract.previewJob, async ({ body }, context) =>
    schedulerOf(context).preview(body.job, body.count ?? NEXT_RUNS),
  ),

  implement(contract.actOnJobs, ({ body }, context) =>
    actOnAllJobs(schedulerOf(context), { ...body, by: context.principal.name }),
  ),

  implement(contract.listJobHandlers, async (_input, { engine, principal }) => engine.jobTargets(principal.platformId)),

  implement(contract.showJob, async ({ params }, context) => {
    const scheduler = schedulerOf(context);
    const [job, statistics] = await Promise.all([scheduler.getJob(params.job), scheduler.getJobStats(params.job)]);
    return { job, next: upcomingRuns(job, NEXT_RUNS).map(({ at }) => at), statistics };
  }),

  // The new version is made by who asks; the job stays theirs who made it.
  implement(contract.editJob, async ({ params, body }, context) => {
    assertNothingMasked(body, "body");
    return schedulerOf(context).reschedule(params.job, { ...body, createdBy: context.principal.name });
  }),

  implement(contract.deleteJob, async ({ params }, context) => {
    await schedulerOf(context).unschedule(params.job);
    return { done: true as const };
  }),

  implement(contract.pauseJob, ({ params, body }, context) => schedulerOf(context).pauseJob(params.job, body)),

  implement(contract.resumeJob, ({ params, body }, context) => schedulerOf(context).resumeJob(params.job, body)),

  implement(contract.cancelJob, ({ params, body }, context) => schedulerOf(context).cancelJob(params.job, body)),

  implement(contract.runJob, async ({ params, body }, context) => {
    assertNothingMasked(body, "body");
    return schedulerOf(context).runJobNow(params.job, { ...body, by: context.principal.name });
  }),

  implement(contract.skipNextRun, ({ params, body }, context) => schedulerOf(context).skipNextRun(params.job, body)),

  implement(contract.backfillJob, ({ params, body }, context) => {
    const { from, until, dryRun } = body;
    return schedulerOf(context).backfill(params.job, { from, until }, { dryRun, by: context.principal.name });
  }),

  implement(contract.listJobVersions, async ({ params }, context) => ({
    items: await schedulerOf(context).listVersions(params.job),
  })),

  implement(contract.listJobDecisions, async ({ params }, context) => ({
    items: await schedulerOf(context).listDecisions(params.job),
  })),
];
