import type { Context } from "../../context.ts";
import { consult } from "../../open-operations.ts";
import { cursorOption, limitOption } from "../../option-values.ts";
import { DEAD_LETTER_COLUMNS, executionJson } from "../../output/jobs.ts";
import { printPage } from "../../output/print.ts";
import type { JobsGroup } from "./group.ts";

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
      const { database, json, job, limit, cursor } = command.optsWithGlobals();
      const page = await consult(database, async (operations) => {
        const jobId = job === undefined ? undefined : (await operations.findJob(job)).id;
        return operations.jobs.listDeadLetters({ jobId, limit, cursor });
      });
      const layout = {
        columns: DEAD_LETTER_COLUMNS,
        toJson: executionJson,
        whenEmpty: "No dead letters.",
        command: `millrace jobs dead-letters${job === undefined ? "" : ` --job ${job}`}`,
      };
      printPage(page, layout, { json }, context);
    });
}
