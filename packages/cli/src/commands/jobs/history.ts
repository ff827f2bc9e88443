import { Option } from "@commander-js/extra-typings";
import { EXECUTION_STATUSES } from "@millrace/db";
import type { Context } from "../../context.ts";
import { cursorOption, limitOption, parseTime } from "../../option-values.ts";
import { EXECUTION_COLUMNS, executionJson } from "../../output/jobs.ts";
import { printPage } from "../../output/print.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs, platformWords } from "./platform-jobs.ts";

export function addHistory(jobs: JobsGroup, context: Context): void {
  jobs
    .command("history")
    .description("List a job's executions, the latest first: when each ran, and how it ended.")
    .argument("<job>", "its key, its name, or the end of its id")
    .addOption(new Option("--status <status>", "only those of this status").choices(EXECUTION_STATUSES))
    .addOption(new Option("--from <time>", "only those that were to run at or after this time").argParser(parseTime))
    .addOption(new Option("--until <time>", "only those that were to run before this time").argParser(parseTime))
    .addOption(limitOption(1_000))
    .addOption(cursorOption())
    .addHelpText("after", "\nExample:\n  millrace jobs history nightly-backup --status failed")
    .action(async (name, _options, command) => {
      const { database, platform, json, status, from, until, limit, cursor } = command.optsWithGlobals();
      const page = await consultJobs({ database, platform }, async ({ scheduler, findJob }) => {
        const { id } = await findJob(name);
        return scheduler.getJobHistory(id, { statuses: status && [status], from, until, limit, cursor });
      });
      const layout = {
        columns: EXECUTION_COLUMNS,
        toJson: executionJson,
        whenEmpty: "No such executions.",
        command: `millrace jobs history ${name}${platformWords({ platform })}`,
      };
      printPage(page, layout, { json }, context);
    });
}
