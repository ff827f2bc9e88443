import { Option } from "@commander-js/extra-typings";
import type { BackfillResult } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { decide } from "../../open-operations.ts";
import { byOption, parseTime } from "../../option-values.ts";
import { printJson } from "../../output/json.ts";
import type { JobsGroup } from "./group.ts";

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
      const { database, json, from, until, dryRun = false, by } = command.optsWithGlobals();
      const result = await decide(database, context, async (operations) =>
        operations.jobs.backfill((await operations.findJob(name)).id, { from, until }, { by, dryRun }),
      );
      if (json) printJson(context.stdout, { dryRun, ...result });
      else context.stdout.write(`${describe(result, dryRun)}\n`);
    });
}

function describe({ ticks, executions }: BackfillResult, dryRun: boolean): string {
  const made = dryRun ? "would be made" : executions === 1 ? "is made" : "are made";
  return `${ticks} ${ticks === 1 ? "tick lies" : "ticks lie"} in the span; ${executions} ${executions === 1 ? "execution" : "executions"} ${made}.`;
}
