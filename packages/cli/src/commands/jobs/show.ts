import { upcomingRuns, type Job, type NextRun } from "@millrace/agent";
import type { JobVersion } from "@millrace/db";
import type { Context } from "../../context.ts";
import { duration, localTime } from "../../output/cells.ts";
import { jobJson, nextRunJson, renderRuns, VERSION_COLUMNS, versionJson } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import { renderFacts } from "../../output/print.ts";
import { printable } from "../../output/printable.ts";
import { renderTable } from "../../output/table.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs } from "./platform-jobs.ts";

const RUNS = 5;

export function addJobShow(jobs: JobsGroup, context: Context): void {
  jobs
    .command("show")
    .description("Show a job: its schedule in words, its next runs, how it did, and its versions.")
    .argument("<job>", "its key, its name, or the end of its id")
    .addHelpText("after", "\nExample:\n  millrace jobs show 8f2a9c01")
    .action(async (name, _options, command) => {
      const { database, platform, json } = command.optsWithGlobals();
      const { job, versions } = await consultJobs({ database, platform }, async ({ scheduler, findJob }) => {
        const { id } = await findJob(name);
        return { job: await scheduler.getJob(id), versions: await scheduler.listVersions(id) };
      });
      const runs = upcomingRuns(job, RUNS);
      if (json) {
        printJson(context.stdout, {
          ...jobJson(job),
          nextRuns: runs.map(nextRunJson),
          versions: versions.map(versionJson),
        });
      } else context.stdout.write(describe(job, runs, versions, context));
    });
}

function describe(job: Job, runs: readonly NextRun[], versions: readonly JobVersion[], { colors }: Context): string {
  const parts = [
    `${colors.bold(printable(job.name))}${job.description === null ? "" : `\n${printable(job.description)}`}\n\n`,
    renderFacts(factsOf(job)),
    runs.length === 0 ? "" : `\n${colors.bold("Next runs")}\n${renderRuns(runs)}`,
    versions.length < 2 ? "" : `\n${renderTable(versions, VERSION_COLUMNS, colors, "")}`,
  ];
  return parts.join("");
}

function factsOf(job: Job) {
  const { averageDurationMs, pauseNote, payload, tags, handlerTarget } = job;
  const target = handlerTarget === null ? "" : ` ${JSON.stringify(handlerTarget)}`;
  return [
    ["id", job.id],
    ["key", job.key],
    ["status", pauseNote === null ? job.status : `${job.status}: ${pauseNote}`],
    ["schedule", job.schedule],
    ["handler", `${job.handlerName} (${job.handlerType})${target}`],
    ["payload", payload === null ? null : JSON.stringify(payload)],
    ["tags", tags.join(", ")],
    ["last run", localTime(job.lastRun)],
    ["executions", `${job.executionCount}: ${job.successCount} succeeded, ${job.failureCount} failed`],
    ["failed in a row", job.consecutiveFailures === 0 ? null : job.consecutiveFailures],
    ["takes", averageDurationMs === null ? null : `${duration(Math.round(averageDurationMs))} on average`],
    [
      "retries",
      `${job.maxRetries}, the first after ${duration(job.retryDelayMs)}; each attempt up to ${duration(job.timeoutMs)}`,
    ],
    ["overlap", job.overlapPolicy],
    ["missed ticks", job.misfirePolicy],
    ["version", job.version],
    ["made", `${localTime(job.createdAt)}${job.createdBy === null ? "" : ` by ${job.createdBy}`}`],
  ] as const;
}
