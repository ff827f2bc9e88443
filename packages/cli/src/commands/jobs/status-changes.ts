/** `pause`, `resume`, `cancel`, `skip-next` and `delete`: whether and when a job runs from now on. */
import type { Context } from "../../context.ts";
import { byOption } from "../../option-values.ts";
import { shortId } from "../../output/cells.ts";
import { printJson } from "../../output/json.ts";
import { printExecution, printJob } from "../../output/print-job.ts";
import { printable } from "../../output/printable.ts";
import { UsageError } from "../../usage-error.ts";
import type { JobsGroup } from "./group.ts";
import { decideOnJobs } from "./platform-jobs.ts";

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
    .addOption(byOption(context.env))
    .addHelpText("after", '\nExample:\n  millrace jobs pause nightly-backup --note "the disk is being replaced"')
    .action(async (name, _options, command) => {
      const { json, note, ...place } = command.optsWithGlobals();
      const job = await decideOnJobs(place, context, async ({ findJob }, perform) => {
        const { id } = await findJob(name);
        return perform({ action: "job.pause", subject: { type: "job", id }, details: { note } }, (scheduler) =>
          scheduler.pauseJob(id, { note }),
        );
      });
      printJob(job, "is paused", { json }, context);
    });
}

function addResumeJob(jobs: JobsGroup, context: Context): void {
  jobs
    .command("resume")
    .description("Let a paused job go on, from now.")
    .argument("<job>", JOB)
    .option("--catch-up", "treat the ticks of the pause as late ones, by the job's policy for missed ticks")
    .addOption(byOption(context.env))
    .addHelpText("after", "\nExample:\n  millrace jobs resume nightly-backup --catch-up")
    .action(async (name, _options, command) => {
      const { json, catchUp, ...place } = command.optsWithGlobals();
      const job = await decideOnJobs(place, context, async ({ findJob }, perform) => {
        const { id } = await findJob(name);
        return perform({ action: "job.resume", subject: { type: "job", id }, details: { catchUp } }, (scheduler) =>
          scheduler.resumeJob(id, { catchUp }),
        );
      });
      printJob(job, "goes on", { json }, context);
    });
}

function addSkipNext(jobs: JobsGroup, context: Context): void {
  jobs
    .command("skip-next")
    .description("Leave out a job's next tick.")
    .argument("<job>", JOB)
    .option("--reason <text>", "why; it is kept with the decision")
    .addOption(byOption(context.env))
    .addHelpText("after", '\nExample:\n  millrace jobs skip-next nightly-backup --reason "a holiday"')
    .action(async (name, _options, command) => {
      const { json, reason, ...place } = command.optsWithGlobals();
      const job = await decideOnJobs(place, context, async ({ findJob }, perform) => {
        const { id } = await findJob(name);
        return perform({ action: "job.skip_next", subject: { type: "job", id }, details: { reason } }, (scheduler) =>
          scheduler.skipNextRun(id, { reason }),
        );
      });
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
    .addOption(byOption(context.env))
    .addHelpText(
      "after",
      "\nExamples:\n  millrace jobs cancel nightly-backup\n  millrace jobs cancel --execution 8f2a9c01",
    )
    .action(async (name, _options, command) => {
      const { json, execution, reason, ...place } = command.optsWithGlobals();
      if ((name === undefined) === (execution === undefined))
        throw new UsageError("Name a job, or an execution with --execution.");
      await decideOnJobs(place, context, async ({ findJob, findExecution }, perform) => {
        const details = { reason };
        if (execution !== undefined) {
          const { id } = await findExecution(execution);
          const deed = { action: "execution.cancel", subject: { type: "execution", id }, details };
          const cancelled = await perform(deed, (scheduler) => scheduler.cancelExecution(id, { reason }));
          const done = cancelled.status === "running" ? "is told to stop" : `is ${cancelled.status}`;
          return printExecution(cancelled, done, { json }, context);
        }
        const { id } = await findJob(name ?? "");
        const deed = { action: "job.cancel", subject: { type: "job", id }, details };
        const job = await perform(deed, (scheduler) => scheduler.cancelJob(id, { reason }));
        return printJob(job, "is cancelled", { json }, context);
      });
    });
}

function addDelete(jobs: JobsGroup, context: Context): void {
  jobs
    .command("delete")
    .description("Delete a job with its whole history. What runs is told to stop.")
    .argument("<job>", JOB)
    .addOption(byOption(context.env))
    .addHelpText("after", "\nExample:\n  millrace jobs delete 8f2a9c01")
    .action(async (name, _options, command) => {
      const { json, ...place } = command.optsWithGlobals();
      const job = await decideOnJobs(place, context, async ({ findJob }, perform) => {
        const found = await findJob(name);
        const { id } = found;
        const deed = { action: "job.delete", subject: { type: "job", id }, details: { name: found.name } };
        await perform(deed, (scheduler) => scheduler.unschedule(id));
        return found;
      });
      if (json) printJson(context.stdout, { id: job.id, name: job.name, deleted: true });
      else context.stdout.write(`${shortId(job.id)} "${printable(job.name)}" is deleted.\n`);
    });
}
