import type { Context } from "../../context.ts";
import { limitOption } from "../../option-values.ts";
import { DECISION_COLUMNS, decisionJson } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import { renderTable } from "../../output/table.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs } from "./platform-jobs.ts";

export function addDecisions(jobs: JobsGroup, context: Context): void {
  jobs
    .command("decisions")
    .description("List what became of a job's ticks, the latest first: fired, skipped, coalesced or missed, and why.")
    .argument("<job>", "its key, its name, or the end of its id")
    .addOption(limitOption(1_000))
    .addHelpText("after", "\nExample:\n  millrace jobs decisions nightly-backup")
    .action(async (name, _options, command) => {
      const { database, platform, json, limit } = command.optsWithGlobals();
      const decisions = await consultJobs({ database, platform }, async ({ scheduler, findJob }) =>
        scheduler.listDecisions((await findJob(name)).id, { limit }),
      );
      if (json) printJson(context.stdout, decisions.map(decisionJson));
      else context.stdout.write(renderTable(decisions, DECISION_COLUMNS, context.colors, "No tick has come yet."));
    });
}
