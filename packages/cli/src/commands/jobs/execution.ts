import type { ExecutionDetails } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { duration, localTime, shortId } from "../../output/cells.ts";
import { executionJson, executionLogJson, renderExecutionLog } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import { renderFacts } from "../../output/print.ts";
import { printable } from "../../output/printable.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs } from "./platform-jobs.ts";

export function addExecution(jobs: JobsGroup, context: Context): void {
  jobs
    .command("execution")
    .description("Show an execution with its log: what it was given, what it gave, or why it failed.")
    .argument("<execution>", "its id, or the end of it")
    .addHelpText("after", "\nExample:\n  millrace jobs execution 8f2a9c01")
    .action(async (ending, _options, command) => {
      const { database, platform, json, verbose } = command.optsWithGlobals();
      const { details, jobName } = await consultJobs({ database, platform }, async ({ scheduler, findExecution }) => {
        const { id, jobId } = await findExecution(ending);
        const found = await scheduler.getExecution(id);
        return { details: found, jobName: (await scheduler.getJob(jobId)).name };
      });
      const { execution, logs } = details;
      if (json) printJson(context.stdout, { ...executionJson(execution), logs: logs.map(executionLogJson) });
      else context.stdout.write(describe(details, jobName, verbose === true, context));
    });
}

function describe({ execution, logs }: ExecutionDetails, jobName: string, verbose: boolean, context: Context): string {
  const { errorStack } = execution;
  const parts = [
    renderFacts(factsOf(execution, jobName)),
    verbose && errorStack !== null ? `\n${printable(errorStack, "lines")}\n` : "",
    logs.length === 0 ? "" : `\n${context.colors.bold("Log")}\n${logs.map(renderExecutionLog).join("")}`,
  ];
  return parts.join("");
}

function factsOf(execution: ExecutionDetails["execution"], jobName: string) {
  const { payload, result, durationMs, waitsFor, retryOf, redrivenBy, error, errorType } = execution;
  const text = (value: typeof result) => (value === null ? null : JSON.stringify(value));
  return [
    ["execution", execution.id],
    ["job", `${jobName} (${shortId(execution.jobId)})`],
    ["status", waitsFor === null ? execution.status : `${execution.status}, waits for ${waitsFor}`],
    ["origin", execution.createdBy === null ? execution.origin : `${execution.origin}, by ${execution.createdBy}`],
    ["scheduled", localTime(execution.scheduledAt)],
    ["started", localTime(execution.startedAt)],
    ["ended", localTime(execution.completedAt)],
    ["took", durationMs === null ? null : duration(durationMs)],
    ["attempt", execution.attempt],
    ["next attempt", localTime(execution.nextRetryAt)],
    ["stands for", execution.missedCount === 0 ? null : `${execution.missedCount} missed ticks as well`],
    ["payload", text(payload)],
    ["result", text(result)],
    ["error", error === null ? null : `${errorType ?? "Error"}: ${error}`],
    ["reason", execution.reason],
    ["repeats", retryOf && shortId(retryOf)],
    ["repeated by", redrivenBy && shortId(redrivenBy)],
  ] as const;
}
