import { Option } from "@commander-js/extra-typings";
import { previewJob, resolvePolicy, type PreviewedSchedule } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { readJsonObject } from "../../input-file.ts";
import { parseCount } from "../../option-values.ts";
import { nextRunJson, renderRuns } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import { UsageError } from "../../usage-error.ts";
import type { JobsGroup } from "./group.ts";

interface Asked {
  timezone?: string | undefined;
  every?: string | undefined;
  file?: string | undefined;
}

export function addPreview(jobs: JobsGroup, context: Context): void {
  jobs
    .command("preview")
    .description("Say a schedule in words, and when it would run next. Needs no database.")
    .argument("[cron]", "a cron expression; quote it for the shell")
    .option("--timezone <zone>", "the time zone of the cron expression, for example Europe/Berlin (default: UTC)")
    .option("--every <duration>", "an interval instead, for example 90s, 5m or 1h30m")
    .option("--file <file>", "a job in JSON instead, or - for standard input")
    .addOption(new Option("--count <number>", "how many runs to show").argParser(parseCount).default(5))
    .addHelpText(
      "after",
      '\nExamples:\n  millrace jobs preview "0 9 * * 1-5" --timezone Europe/Berlin\n  millrace jobs preview --file backup.json',
    )
    .action(async (cron, _options, command) => {
      const { json, count, ...asked } = command.optsWithGlobals();
      const input = await toInput(cron, asked, context);
      const preview = previewJob(input, count, context.clock.now(), resolvePolicy().jobs);
      if (json) printJson(context.stdout, { description: preview.description, runs: preview.runs.map(nextRunJson) });
      else context.stdout.write(describe(preview));
    });
}

async function toInput(cron: string | undefined, { timezone, every, file }: Asked, context: Context): Promise<unknown> {
  if ([cron, every, file].filter((way) => way !== undefined).length !== 1)
    throw new UsageError("Give one of: a cron expression, --every, --file.");
  if (timezone !== undefined && cron === undefined) throw new UsageError("--timezone goes with a cron expression.");
  if (file !== undefined) return readJsonObject(file, context);
  const job = { name: "preview", handler: "preview" };
  if (every !== undefined) return { ...job, type: "recurring", interval: every };
  return { ...job, type: "cron", cron, timezone };
}

function describe({ description, runs }: PreviewedSchedule): string {
  return `${description}\n${runs.length === 0 ? "  It has no time at which it would run.\n" : renderRuns(runs)}`;
}
