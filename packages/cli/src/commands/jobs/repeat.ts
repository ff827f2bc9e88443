/** `retry` and `redrive`: executions that are over, again. */
import type { JobExecution, Operations } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { decide } from "../../open-operations.ts";
import { byOption } from "../../option-values.ts";
import { shortId } from "../../output/cells.ts";
import { executionJson } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import { printExecution } from "../../output/print-job.ts";
import { UsageError } from "../../usage-error.ts";
import type { JobsGroup } from "./group.ts";

export function addRepetition(jobs: JobsGroup, context: Context): void {
  jobs
    .command("retry")
    .description("Repeat an execution that is over; the new one names the old one.")
    .argument("<execution>", "its id, or the end of it")
    .addOption(byOption(context.env))
    .addHelpText("after", "\nExample:\n  millrace jobs retry 8f2a9c01")
    .action(async (ending, _options, command) => {
      const { database, json, by } = command.optsWithGlobals();
      const { old, execution } = await decide(database, context, async (operations) => {
        const found = await operations.findExecution(ending);
        return { old: found, execution: await operations.jobs.retryExecution(found.id, { by }) };
      });
      printExecution(execution, `repeats ${shortId(old.id)}`, { json }, context);
    });
  jobs
    .command("redrive")
    .description("Repeat dead letters: those that are named, or all of a job.")
    .argument("[executions...]", "their ids, or the ends of them")
    .option("--all", "all dead letters of a job")
    .option("--job <job>", "with --all: which job (its key, its name, or the end of its id)")
    .addOption(byOption(context.env))
    .addHelpText(
      "after",
      "\nExamples:\n  millrace jobs redrive 8f2a9c01 77b0e4d2\n  millrace jobs redrive --all --job nightly-backup",
    )
    .action(async (endings, _options, command) => {
      const { database, json, all = false, job, by } = command.optsWithGlobals();
      if (all === endings.length > 0) throw new UsageError("Name executions, or all of a job with --all --job.");
      if (all !== (job !== undefined)) throw new UsageError("--all and --job go together.");
      const executions = await decide(database, context, (operations) =>
        job === undefined ? redriveNamed(operations, endings, by) : redriveAll(operations, job, by),
      );
      if (json) printJson(context.stdout, executions.map(executionJson));
      else
        context.stdout.write(
          `${executions.length} repeated${executions.map(({ id }) => ` ${shortId(id)}`).join(",")}.\n`,
        );
    });
}

async function redriveNamed(operations: Operations, endings: readonly string[], by: string): Promise<JobExecution[]> {
  const ids: string[] = [];
  for (const ending of endings) ids.push((await operations.findExecution(ending)).id);
  return operations.jobs.redrive(ids, { by });
}

/** Those that there are now: what fails again meanwhile is not repeated again. */
async function redriveAll(operations: Operations, name: string, by: string): Promise<JobExecution[]> {
  const { id: jobId } = await operations.findJob(name);
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await operations.jobs.listDeadLetters({ jobId, limit: PART, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  const repeated: JobExecution[] = [];
  for (let start = 0; start < ids.length; start += PART)
    repeated.push(...(await operations.jobs.redrive(ids.slice(start, start + PART), { by })));
  return repeated;
}

const PART = 1_000;
