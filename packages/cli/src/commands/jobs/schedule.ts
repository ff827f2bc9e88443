/** `schedule` and `edit`: jobs as JSON. */
import type { ScheduledJobInput } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { readJsonObject } from "../../input-file.ts";
import { byOption } from "../../option-values.ts";
import { printJob } from "../../output/print-job.ts";
import type { JobsGroup } from "./group.ts";
import { decideOnJobs } from "./platform-jobs.ts";

const AFTER_HELP = `
The JSON is what engine.jobs.schedule takes. A job with a "key" that is there already is edited.

  { "type": "cron", "name": "Nightly backup", "key": "nightly-backup", "handler": "backup",
    "cron": "0 3 * * *", "timezone": "Europe/Berlin", "payload": { "target": "/backup" } }
  { "type": "recurring", "name": "Poll", "handler": { "workflow": "invoices", "producer": "poll" }, "interval": "5m" }
  { "type": "one_time", "name": "Remind", "handler": "remind", "in": "1h" }
  { "type": "event", "name": "Ship", "handler": "ship", "event": "order.paid" }

Examples:
  millrace jobs schedule --file backup.json
  echo '{"type":"one_time","name":"Now","handler":"backup"}' | millrace jobs schedule --file -`;

export function addSchedule(jobs: JobsGroup, context: Context): void {
  jobs
    .command("schedule")
    .description("Schedule a job that is described in JSON, or edit the one with its key.")
    .requiredOption("--file <file>", "the file, or - for standard input")
    .addOption(byOption(context.env))
    .addHelpText("after", AFTER_HELP)
    .action(async (_options, command) => {
      const { json, file, ...place } = command.optsWithGlobals();
      const details = await readJsonObject(file, context);
      // The scheduler takes nothing on trust. Who makes a job is who decides, whatever the file says.
      const input = { ...details, createdBy: place.by } as unknown as ScheduledJobInput;
      const job = await decideOnJobs(place, context, (_jobs, perform) =>
        perform({ action: "job.create", subject: null, details }, (scheduler) => scheduler.schedule(input)),
      );
      printJob(job, `is scheduled (${job.schedule})`, { json }, context);
    });
  jobs
    .command("edit")
    .description("Change parts of a job: a new version, whose schedule counts from now.")
    .argument("<job>", "its key, its name, or the end of its id")
    .requiredOption("--file <file>", "a file with what is to be changed, or - for standard input")
    .addOption(byOption(context.env))
    .addHelpText("after", `\nExample:\n  echo '{"cron": "0 4 * * *"}' | millrace jobs edit nightly-backup --file -`)
    .action(async (name, _options, command) => {
      const { json, file, ...place } = command.optsWithGlobals();
      const changes = await readJsonObject(file, context);
      const job = await decideOnJobs(place, context, async ({ findJob }, perform) => {
        const { id } = await findJob(name);
        return perform({ action: "job.edit", subject: { type: "job", id }, details: changes }, (scheduler) =>
          scheduler.reschedule(id, { ...changes, createdBy: place.by }),
        );
      });
      printJob(job, `is now version ${job.version} (${job.schedule})`, { json }, context);
    });
}
