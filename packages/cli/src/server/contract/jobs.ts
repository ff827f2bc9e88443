/** Jobs: everything that the scheduler's port offers for one. */
import { scheduledJobSchema } from "@millrace/agent";
import { JOB_STATUSES, JOB_TYPES } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { execution, job, jobSummary, schedulePreview } from "./job-shapes.ts";
import { scheduleDecision } from "./shapes.ts";
import { done, id, json, name, page, pageQuery, text, time, wordList } from "./values.ts";

const tag = "jobs";
const params = z.strictObject({ job: id });
const reason = z.string().min(1).max(1_000);

/** Which jobs are meant, in a list and for an action on many. */
const filter = {
  status: wordList(JOB_STATUSES).optional(),
  type: wordList(JOB_TYPES).optional(),
  handler: name.optional(),
  tag: name.optional(),
  /** A piece of the name, the id or the payload. */
  text: text.optional(),
};

export const listJobs = defineOperation({
  id: "listJobs",
  method: "get",
  path: "/api/jobs",
  tag,
  summary: "Jobs, newest first",
  access: "viewer",
  query: z.strictObject({ ...pageQuery, ...filter }),
  response: page(jobSummary),
});

export const createJob = defineOperation({
  id: "createJob",
  method: "post",
  path: "/api/jobs",
  tag,
  summary: "Schedule a job",
  access: "operator",
  audit: "job.create",
  body: scheduledJobSchema,
  status: 201,
  response: job,
});

export const previewJob = defineOperation({
  id: "previewJob",
  method: "post",
  path: "/api/jobs/preview",
  tag,
  summary: "A schedule in words, and its next runs; nothing is stored",
  access: "viewer",
  body: z.strictObject({ job: z.record(z.string(), json), count: z.int().min(1).max(100).optional() }),
  response: schedulePreview,
});

export const actOnJobs = defineOperation({
  id: "actOnJobs",
  method: "post",
  path: "/api/jobs/actions",
  tag,
  summary: "Do something with all jobs that match a filter; a dry run counts them",
  access: "operator",
  audit: "job.act_on_all",
  body: z.strictObject({
    action: z.enum(["pause", "resume", "cancel", "run", "skip_next"]),
    filter: z.strictObject({
      statuses: z.array(z.enum(JOB_STATUSES)).min(1).optional(),
      types: z.array(z.enum(JOB_TYPES)).min(1).optional(),
      handler: name.optional(),
      tag: name.optional(),
      text: text.optional(),
    }),
    dryRun: z.boolean(),
  }),
  response: z
    .object({
      matched: z.int(),
      changed: z.int(),
      refused: z.array(z.object({ id, name: z.string(), reason: z.string() })),
      examples: z.array(jobSummary),
      /** Whether more match than one action takes. */
      truncated: z.boolean(),
    })
    .meta({ id: "BulkJobAction" }),
});

export const listJobHandlers = defineOperation({
  id: "listJobHandlers",
  method: "get",
  path: "/api/job-handlers",
  tag,
  summary: "What jobs can run here: functions, workflows, and whether there is an agent",
  access: "viewer",
  response: z.object({
    functions: z.array(z.string()),
    workflows: z.array(z.object({ name: z.string(), producers: z.array(z.string()), topics: z.array(z.string()) })),
    agents: z.boolean(),
  }),
});

export const showJob = defineOperation({
  id: "showJob",
  method: "get",
  path: "/api/jobs/{job}",
  tag,
  summary: "A job with its statistics and its next runs",
  access: "viewer",
  params,
  response: z
    .object({
      job,
      next: z.array(time),
      statistics: z.object({
        executions: z.int(),
        /** In [0, 1]; null where nothing ran. */
        successRate: z.number().nullable(),
        duration: z
          .object({ p50: z.number(), p95: z.number(), p99: z.number(), average: z.number(), longest: z.number() })
          .nullable(),
      }),
    })
    .meta({ id: "JobDetails" }),
});

export const editJob = defineOperation({
  id: "editJob",
  method: "patch",
  path: "/api/jobs/{job}",
  tag,
  summary: "Change parts of a job: a new version, whose schedule counts from now",
  access: "operator",
  audit: "job.edit",
  params,
  body: z.record(z.string(), json),
  response: job,
});

export const deleteJob = defineOperation({
  id: "deleteJob",
  method: "delete",
  path: "/api/jobs/{job}",
  tag,
  summary: "Delete a job with its history",
  access: "operator",
  audit: "job.delete",
  params,
  response: done,
});

export const pauseJob = defineOperation({
  id: "pauseJob",
  method: "post",
  path: "/api/jobs/{job}/pause",
  tag,
  summary: "Let a job start nothing; what runs goes on",
  access: "operator",
  audit: "job.pause",
  params,
  body: z.strictObject({ note: reason.optional() }),
  response: job,
});

export const resumeJob = defineOperation({
  id: "resumeJob",
  method: "post",
  path: "/api/jobs/{job}/resume",
  tag,
  summary: "Let a paused job go on, from now",
  access: "operator",
  audit: "job.resume",
  params,
  body: z.strictObject({ catchUp: z.boolean().optional() }),
  response: job,
});

export const cancelJob = defineOperation({
  id: "cancelJob",
  method: "post",
  path: "/api/jobs/{job}/cancel",
  tag,
  summary: "End a job with what it has under way; its history stays",
  access: "operator",
  audit: "job.cancel",
  params,
  body: z.strictObject({ reason: reason.optional() }),
  response: job,
});

export const runJob = defineOperation({
  id: "runJob",
  method: "post",
  path: "/api/jobs/{job}/run",
  tag,
  summary: "Run a job once more, beside its schedule",
  access: "operator",
  audit: "job.run",
  params,
  body: z.strictObject({ payload: json.optional() }),
  response: execution,
});

export const skipNextRun = defineOperation({
  id: "skipNextRun",
  method: "post",
  path: "/api/jobs/{job}/skip-next",
  tag,
  summary: "Leave out the next tick",
  access: "operator",
  audit: "job.skip_next",
  params,
  body: z.strictObject({ reason: reason.optional() }),
  response: job,
});

export const backfillJob = defineOperation({
  id: "backfillJob",
  method: "post",
  path: "/api/jobs/{job}/backfill",
  tag,
  summary: "Make up for the ticks of a past range that have no record; a dry run counts them",
  access: "operator",
  audit: "job.backfill",
  params,
  body: z.strictObject({ from: time, until: time, dryRun: z.boolean() }),
  response: z.object({ ticks: z.int(), executions: z.int() }),
});

export const listJobVersions = defineOperation({
  id: "listJobVersions",
  method: "get",
  path: "/api/jobs/{job}/versions",
  tag,
  summary: "The versions of a job, newest first",
  access: "viewer",
  params,
  response: z.object({
    items: z.array(z.object({ version: z.int(), definition: json, createdBy: z.string().nullable(), createdAt: time })),
  }),
});

export const listJobDecisions = defineOperation({
  id: "listJobDecisions",
  method: "get",
  path: "/api/jobs/{job}/decisions",
  tag,
  summary: "What was decided about a job's ticks, the latest first",
  access: "viewer",
  params,
  response: z.object({ items: z.array(scheduleDecision) }),
});

export const JOB_OPERATIONS = [
  listJobs,
  createJob,
  previewJob,
  actOnJobs,
  listJobHandlers,
  showJob,
  editJob,
  deleteJob,
  pauseJob,
  resumeJob,
  cancelJob,
  runJob,
  skipNextRun,
  backfillJob,
  listJobVersions,
  listJobDecisions,
] as const;
