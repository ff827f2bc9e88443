import type { Context } from "../../context.ts";
import { cursorOption, limitOption } from "../../option-values.ts";
import { DEAD_LETTER_COLUMNS, executionJson } from "../../output/jobs.ts";
import { printPage } from "../../output/print.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs, platformWords } from "./platform-jobs.ts";

export function addDeadLetters(jobs: JobsGroup, context: Context): void {
  jobs
    .command("dead-letters")
    .description("List executions that failed for good and were not repeated, the latest first.")
    .option("--job <job>", "only those of this job (its key, its name, or the end of its id)")
    .addOption(limitOption(1_000))
    .addOption(cursorOption())
    .addHelpText(
      "after",
      "\nExamples:\n  millrace jobs dead-letters\n  millrace jobs redrive --all --job nightly-backup",
    )
    .action(async (_options, command) => {
      const { database, platform, json, job, limit, cursor } = command.optsWithGlobals();
      const page = await consultJobs({ database, platform }, async ({ scheduler, findJob }) => {
        const jobId = job === undefined ? undefined : (await findJob(job)).id;
        return scheduler.listDeadLetters({ jobId, limit, cursor });
      });
      const layout = {
        columns: DEAD_LETTER_COLUMNS,
        toJson: executionJson,
        whenEmpty: "No dead letters.",
        command: `millrace jobs dead-letters${job === undefined ? "" : ` --job ${job}`}${platformWords({ platform })}`,
      };
      printPage(page, layout, { json }, context);
    });
}
