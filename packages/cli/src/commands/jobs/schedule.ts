/** `schedule` and `edit`: jobs as JSON. */
import type { ScheduledJobInput } from "@millrace/agent";
import type { Context } from "../../context.ts";
import { readJsonFile, readJsonObject } from "../../input-file.ts";
import { decide } from "../../open-operations.ts";
import { printJob } from "../../output/print-job.ts";
import type { JobsGroup } from "./group.ts";

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
    .addHelpText("after", AFTER_HELP)
    .action(async (_options, command) => {
      const { database, json, file } = command.optsWithGlobals();
      // The scheduler takes nothing on trust.
      const input = (await readJsonFile(file, context)) as ScheduledJobInput;
      const job = await decide(database, context, (operations) => operations.jobs.schedule(input));
      printJob(job, `is scheduled (${job.schedule})`, { json }, context);
    });
  jobs
    .command("edit")
    .description("Change parts of a job: a new version, whose schedule counts from now.")
    .argument("<job>", "its key, its name, or the end of its id")
    .requiredOption("--file <file>", "a file with what is to be changed, or - for standard input")
    .addHelpText("after", `\nExample:\n  echo '{"cron": "0 4 * * *"}' | millrace jobs edit nightly-backup --file -`)
    .action(async (name, _options, command) => {
      const { database, json, file } = command.optsWithGlobals();
      const changes = await readJsonObject(file, context);
      const job = await decide(database, context, async (operations) =>
        operations.jobs.reschedule((await operations.findJob(name)).id, changes),
      );
      printJob(job, `is now version ${job.version} (${job.schedule})`, { json }, context);
    });
}
