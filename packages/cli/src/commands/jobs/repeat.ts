/** `retry` and `redrive`: executions that are over, again. */
import type { JobExecution, Scheduler } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { byOption } from "../../option-values.ts";
import { shortId } from "../../output/cells.ts";
import { executionJson } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import { printExecution } from "../../output/print-job.ts";
import { UsageError } from "../../usage-error.ts";
import type { JobsGroup } from "./group.ts";
import { decideOnJobs, type Jobs } from "./platform-jobs.ts";

export function addRepetition(jobs: JobsGroup, context: Context): void {
  jobs
    .command("retry")
    .description("Repeat an execution that is over; the new one names the old one.")
    .argument("<execution>", "its id, or the end of it")
    .addOption(byOption(context.env))
    .addHelpText("after", "\nExample:\n  millrace jobs retry 8f2a9c01")
    .action(async (ending, _options, command) => {
      const { json, ...place } = command.optsWithGlobals();
      const { by } = place;
      await decideOnJobs(place, context, async ({ findExecution }, perform) => {
        const { id } = await findExecution(ending);
        const deed = { action: "execution.retry", subject: { type: "execution", id }, details: {} };
        const execution = await perform(deed, (scheduler) => scheduler.retryExecution(id, { by }));
        printExecution(execution, `repeats ${shortId(id)}`, { json }, context);
      });
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
      const { json, all = false, job, ...place } = command.optsWithGlobals();
      if (all === endings.length > 0) throw new UsageError("Name executions, or all of a job with --all --job.");
      if (all !== (job !== undefined)) throw new UsageError("--all and --job go together.");
      const executions = await decideOnJobs(place, context, async (known, perform) => {
        const ids = job === undefined ? await idsOfNamed(known, endings) : await idsOfAll(known, job);
        return perform({ action: "dead_letter.redrive", subject: null, details: { executions: ids } }, (scheduler) =>
          redrive(scheduler, ids, place.by),
        );
      });
      if (json) printJson(context.stdout, executions.map(executionJson));
      else
        context.stdout.write(
          `${executions.length} repeated${executions.map(({ id }) => ` ${shortId(id)}`).join(",")}.\n`,
        );
    });
}

async function idsOfNamed({ findExecution }: Jobs, endings: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const ending of endings) ids.push((await findExecution(ending)).id);
  return ids;
}

/** Those that there are now: what fails again meanwhile is not repeated again. */
async function idsOfAll({ scheduler, findJob }: Jobs, name: string): Promise<string[]> {
  const { id: jobId } = await findJob(name);
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await scheduler.listDeadLetters({ jobId, limit: PART, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

async function redrive(scheduler: Scheduler, ids: readonly string[], by: string): Promise<JobExecution[]> {
  const repeated: JobExecution[] = [];
  for (let start = 0; start < ids.length; start += PART)
    repeated.push(...(await scheduler.redrive(ids.slice(start, start + PART), { by })));
  return repeated;
}

const PART = 1_000;
