import { Option } from "@commander-js/extra-typings";
import type { BackfillResult } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { byOption, parseTime } from "../../option-values.ts";
import { iso, printJson } from "../../output/json.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs, decideOnJobs } from "./platform-jobs.ts";

export function addBackfill(jobs: JobsGroup, context: Context): void {
  jobs
    .command("backfill")
    .description("Make up for the ticks of a past span that have no record.")
    .argument("<job>", "its key, its name, or the end of its id")
    .addOption(
      new Option("--from <time>", "the first tick is at or after this time").argParser(parseTime).makeOptionMandatory(),
    )
    .addOption(
      new Option("--until <time>", "the last tick is at or before this time")
        .argParser(parseTime)
        .makeOptionMandatory(),
    )
    .option("--dry-run", "only say how many executions there would be")
    .addOption(byOption(context.env))
    .addHelpText(
      "after",
      "\nExample:\n  millrace jobs backfill nightly-report --from 2026-03-01T00:00:00Z --until 2026-03-08T00:00:00Z --dry-run",
    )
    .action(async (name, _options, command) => {
      const { json, from, until, dryRun = false, by, ...rest } = command.optsWithGlobals();
      const place = { ...rest, by };
      const span = { from, until };
      const result = dryRun
        ? await consultJobs(place, async ({ scheduler, findJob }) =>
            scheduler.backfill((await findJob(name)).id, span, { dryRun }),
          )
        : await decideOnJobs(place, context, async ({ findJob }, perform) => {
            const { id } = await findJob(name);
            const details = { from: iso(from), until: iso(until) };
            return perform({ action: "job.backfill", subject: { type: "job", id }, details }, (scheduler) =>
              scheduler.backfill(id, span, { by }),
            );
          });
      if (json) printJson(context.stdout, { dryRun, ...result });
      else context.stdout.write(`${describe(result, dryRun)}\n`);
    });
}

function describe({ ticks, executions }: BackfillResult, dryRun: boolean): string {
  const made = dryRun ? "would be made" : executions === 1 ? "is made" : "are made";
  return `${ticks} ${ticks === 1 ? "tick lies" : "ticks lie"} in the span; ${executions} ${executions === 1 ? "execution" : "executions"} ${made}.`;
}
