/** `pause`, `resume`, `cancel`, `skip-next` and `delete`: whether and when a job runs from now on. */
import type { Context } from "../../context.ts";
import { decide } from "../../open-operations.ts";
import { shortId } from "../../output/cells.ts";
import { printJson } from "../../output/json.ts";
import { printExecution, printJob } from "../../output/print-job.ts";
import { printable } from "../../output/printable.ts";
import { UsageError } from "../../usage-error.ts";
import type { JobsGroup } from "./group.ts";

const JOB = "its key, its name, or the end of its id";

export function addJobStatusChanges(jobs: JobsGroup, context: Context): void {
  addPauseJob(jobs, context);
  addResumeJob(jobs, context);
  addSkipNext(jobs, context);
  addCancel(jobs, context);
  addDelete(jobs, context);
}

function addPauseJob(jobs: JobsGroup, context: Context): void {
  jobs
    .command("pause")
    .description("Let a job start nothing more. What runs goes on.")
    .argument("<job>", JOB)
    .option("--note <text>", "why; it is shown with the job")
    .addHelpText("after", '\nExample:\n  millrace jobs pause nightly-backup --note "the disk is being replaced"')
    .action(async (name, _options, command) => {
      const { database, json, note } = command.optsWithGlobals();
      const job = await decide(database, context, async (operations) =>
        operations.jobs.pauseJob((await operations.findJob(name)).id, { note }),
      );
      printJob(job, "is paused", { json }, context);
    });
}

function addResumeJob(jobs: JobsGroup, context: Context): void {
  jobs
    .command("resume")
    .description("Let a paused job go on, from now.")
    .argument("<job>", JOB)
    .option("--catch-up", "treat the ticks of the pause as late ones, by the job's policy for missed ticks")
    .addHelpText("after", "\nExample:\n  millrace jobs resume nightly-backup --catch-up")
    .action(async (name, _options, command) => {
      const { database, json, catchUp } = command.optsWithGlobals();
      const job = await decide(database, context, async (operations) =>
        operations.jobs.resumeJob((await operations.findJob(name)).id, { catchUp }),
      );
      printJob(job, "goes on", { json }, context);
    });
}

function addSkipNext(jobs: JobsGroup, context: Context): void {
  jobs
    .command("skip-next")
    .description("Leave out a job's next tick.")
    .argument("<job>", JOB)
    .option("--reason <text>", "why; it is kept with the decision")
    .addHelpText("after", '\nExample:\n  millrace jobs skip-next nightly-backup --reason "a holiday"')
    .action(async (name, _options, command) => {
      const { database, json, reason } = command.optsWithGlobals();
      const job = await decide(database, context, async (operations) =>
        operations.jobs.skipNextRun((await operations.findJob(name)).id, { reason }),
      );
      printJob(job, "leaves out its next tick", { json }, context);
    });
}

function addCancel(jobs: JobsGroup, context: Context): void {
  jobs
    .command("cancel")
    .description("End a job with what it has under way, or one execution only. The history stays.")
    .argument("[job]", JOB)
    .option("--execution <execution>", "end this execution only (its id, or the end of it)")
    .option("--reason <text>", "why; it is kept with what is cancelled")
    .addHelpText(
      "after",
      "\nExamples:\n  millrace jobs cancel nightly-backup\n  millrace jobs cancel --execution 8f2a9c01",
    )
    .action(async (name, _options, command) => {
      const { database, json, execution, reason } = command.optsWithGlobals();
      if ((name === undefined) === (execution === undefined))
        throw new UsageError("Name a job, or an execution with --execution.");
      await decide(database, context, async (operations) => {
        if (execution !== undefined) {
          const { id } = await operations.findExecution(execution);
          const cancelled = await operations.jobs.cancelExecution(id, { reason });
          const done = cancelled.status === "running" ? "is told to stop" : `is ${cancelled.status}`;
          return printExecution(cancelled, done, { json }, context);
        }
        const job = await operations.jobs.cancelJob((await operations.findJob(name ?? "")).id, { reason });
        return printJob(job, "is cancelled", { json }, context);
      });
    });
}

function addDelete(jobs: JobsGroup, context: Context): void {
  jobs
    .command("delete")
    .description("Delete a job with its whole history. What runs is told to stop.")
    .argument("<job>", JOB)
    .addHelpText("after", "\nExample:\n  millrace jobs delete 8f2a9c01")
    .action(async (name, _options, command) => {
      const { database, json } = command.optsWithGlobals();
      const job = await decide(database, context, async (operations) => {
        const found = await operations.findJob(name);
        await operations.jobs.unschedule(found.id);
        return found;
      });
      if (json) printJson(context.stdout, { id: job.id, name: job.name, deleted: true });
      else context.stdout.write(`${shortId(job.id)} "${printable(job.name)}" is deleted.\n`);
    });
}
