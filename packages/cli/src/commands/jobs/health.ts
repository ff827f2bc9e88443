import type { HealthStatus, SchedulerMetrics } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { EXIT_CODES } from "../../exit-codes.ts";
import { duration, localTime } from "../../output/cells.ts";
import { iso, printJson } from "../../output/json.ts";
import { renderFacts } from "../../output/print.ts";
import { printable } from "../../output/printable.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs } from "./platform-jobs.ts";

const AFTER_HELP = `
Exits with 3 when something is not as it should be, or no engine runs the jobs.

Examples:
  millrace jobs health
  millrace jobs health --json | jq .metrics.lastHour`;

export function addHealth(jobs: JobsGroup, context: Context): void {
  jobs
    .command("health")
    .description("Show how the jobs are doing: whether they run, what waits, and how the last hour went.")
    .addHelpText("after", AFTER_HELP)
    .action(async (_options, command) => {
      const { json, ...place } = command.optsWithGlobals();
      const { metrics, health } = await consultJobs(place, async ({ scheduler }) => ({
        metrics: await scheduler.getMetrics(),
        health: await scheduler.healthCheck(),
      }));
      if (json) printJson(context.stdout, { ...health, metrics: { ...metrics, nextRun: iso(metrics.nextRun) } });
      else context.stdout.write(`${describeHealth(health, context)}\n${renderFacts(factsOf(metrics))}`);
      if (health.status !== "ok") context.setExitCode(EXIT_CODES.needsAttention);
    });
}

function describeHealth({ status, checks }: HealthStatus, { colors }: Context): string {
  const color = status === "ok" ? colors.green : colors.yellow;
  const lines = checks.map(({ name, ok, detail }) => {
    const mark = ok ? colors.green("ok  ") : colors.yellow("look");
    return `${mark}  ${name.padEnd(9)}  ${printable(detail)}\n`;
  });
  return `${color(status)}\n\n${lines.join("")}`;
}

function factsOf({ jobs, open, lastHour, averageDurationMs, oldestReadyMs, nextRun }: SchedulerMetrics) {
  return [
    ["jobs", counted(jobs)],
    ["open executions", counted(open)],
    ["in the last hour", counted(lastHour)],
    ["they took", averageDurationMs === null ? null : `${duration(Math.round(averageDurationMs))} on average`],
    ["the oldest waits", oldestReadyMs === null ? null : duration(oldestReadyMs)],
    ["next run", localTime(nextRun)],
  ] as const;
}

/** What there is some of. */
function counted(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? "none" : some.map(([name, count]) => `${count} ${name}`).join(", ");
}
