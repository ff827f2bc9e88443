import { Option } from "@commander-js/extra-typings";
import { JOB_STATUSES, JOB_TYPES } from "@millrace/db";
import type { Context } from "../../context.ts";
import { cursorOption, limitOption } from "../../option-values.ts";
import { JOB_COLUMNS, jobJson } from "../../output/jobs.ts";
import { printPage } from "../../output/print.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs, platformWords } from "./platform-jobs.ts";

export function addJobList(jobs: JobsGroup, context: Context): void {
  jobs
    .command("list")
    .description("List jobs, newest first: when each runs next, and how it did so far.")
    .addOption(new Option("--status <status>", "only those of this status").choices(JOB_STATUSES))
    .addOption(new Option("--type <type>", "only those of this type").choices(JOB_TYPES))
    .option("--tag <tag...>", "only those that have all of these tags")
    .option("--text <text>", "only those with this in their name")
    .option("--handler <name>", "only those that run this handler")
    .addOption(limitOption(1_000))
    .addOption(cursorOption())
    .addHelpText("after", "\nExample:\n  millrace jobs list --type cron --tag billing")
    .action(async (_options, command) => {
      const { database, platform, json, status, type, tag, text, handler, limit, cursor } = command.optsWithGlobals();
      const page = await consultJobs({ database, platform }, ({ scheduler }) =>
        scheduler.listJobs({
          limit,
          statuses: status && [status],
          types: type && [type],
          tags: tag,
          text,
          handler,
          cursor,
        }),
      );
      const layout = {
        columns: JOB_COLUMNS,
        toJson: jobJson,
        whenEmpty: "No such jobs.",
        command: `millrace jobs list${platformWords({ platform })}`,
      };
      printPage(page, layout, { json }, context);
    });
}
