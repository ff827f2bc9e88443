/** `millrace jobs …`: the port of the jobs on the command line. */
import type { Context } from "../context.ts";
import type { Program } from "../program.ts";
import { addBackfill } from "./jobs/backfill.ts";
import { addDeadLetters } from "./jobs/dead-letters.ts";
import { addDecisions } from "./jobs/decisions.ts";
import { addExecution } from "./jobs/execution.ts";
import { addHealth } from "./jobs/health.ts";
import { addHistory } from "./jobs/history.ts";
import { addJobsGroup } from "./jobs/group.ts";
import { addJobLogs } from "./jobs/logs.ts";
import { addJobList } from "./jobs/list.ts";
import { addPreview } from "./jobs/preview.ts";
import { addRepetition } from "./jobs/repeat.ts";
import { addRunNow, addTrigger } from "./jobs/run-now.ts";
import { addSchedule } from "./jobs/schedule.ts";
import { addJobShow } from "./jobs/show.ts";
import { addJobStatusChanges } from "./jobs/status-changes.ts";

export function addJobs(program: Program, context: Context): void {
  const jobs = addJobsGroup(program);
  for (const add of [
    addJobList,
    addJobShow,
    addHistory,
    addExecution,
    addJobLogs,
    addDecisions,
    addDeadLetters,
    addHealth,
    addSchedule,
    addPreview,
    addJobStatusChanges,
    addRunNow,
    addTrigger,
    addBackfill,
    addRepetition,
  ])
    add(jobs, context);
}
