/** Says what was done about a job or an execution. */
import type { Job, JobExecution } from "@millrace/agent";
import type { Context } from "../context.ts";
import { localTime, shortId } from "./cells.ts";
import { executionJson, jobJson } from "./jobs.ts";
import { printJson } from "./json.ts";
import { printable } from "./printable.ts";

interface Format {
  json?: true | undefined;
}

/** @param done what follows the name of the job in a sentence */
export function printJob(job: Job, done: string, { json }: Format, { stdout }: Context): void {
  if (json) return printJson(stdout, jobJson(job));
  const next = job.nextRun === null ? "" : ` Next run: ${localTime(job.nextRun)}.`;
  stdout.write(`${shortId(job.id)} "${printable(job.name)}" ${done}.${next}\n`);
}

/** @param done what follows the id of the execution in a sentence */
export function printExecution(execution: JobExecution, done: string, { json }: Format, { stdout }: Context): void {
  if (json) printJson(stdout, executionJson(execution));
  else stdout.write(`Execution ${shortId(execution.id)} ${done}.\n`);
}
