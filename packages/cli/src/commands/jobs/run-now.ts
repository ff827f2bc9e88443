/** `run` and `trigger`: executions that no schedule makes. */
import { Option } from "@commander-js/extra-typings";
import type { Context } from "../../context.ts";
import { byOption, parseJson } from "../../option-values.ts";
import { shortId } from "../../output/cells.ts";
import { executionJson } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import { printExecution } from "../../output/print-job.ts";
import type { JobsGroup } from "./group.ts";
import { decideOnJobs } from "./platform-jobs.ts";

const payloadOption = () => new Option("--payload <json>", "what the handler is given").argParser(parseJson);

export function addRunNow(jobs: JobsGroup, context: Context): void {
  jobs
    .command("run")
    .description("Run a job once more, now, beside its schedule.")
    .argument("<job>", "its key, its name, or the end of its id")
    .addOption(payloadOption())
    .addOption(byOption(context.env))
    .addHelpText("after", "\nExample:\n  millrace jobs run nightly-backup")
    .action(async (name, _options, command) => {
      const { json, payload, ...place } = command.optsWithGlobals();
      const { by } = place;
      const execution = await decideOnJobs(place, context, async ({ findJob }, perform) => {
        const { id } = await findJob(name);
        return perform({ action: "job.run", subject: { type: "job", id }, details: { payload } }, (scheduler) =>
          scheduler.runJobNow(id, { payload, by }),
        );
      });
      printExecution(execution, "is made; the engine runs it", { json }, context);
    });
}

export function addTrigger(jobs: JobsGroup, context: Context): void {
  jobs
    .command("trigger")
    .description("Say that an event has happened: each job that waits for it runs.")
    .argument("<event>", "the name of the event")
    .addOption(payloadOption())
    .option("--event-id <id>", "the event's own identity: given again, nothing is made again")
    .addOption(byOption(context.env))
    .addHelpText("after", `\nExample:\n  millrace jobs trigger order.paid --payload '{"order": 7}'`)
    .action(async (event, _options, command) => {
      const { json, payload, eventId, ...place } = command.optsWithGlobals();
      const { by } = place;
      const deed = {
        action: "job_event.trigger",
        subject: { type: "event", id: event },
        details: { payload, eventId },
      };
      const executions = await decideOnJobs(place, context, (_jobs, perform) =>
        perform(deed, (scheduler) => scheduler.triggerEvent(event, payload, { by, eventId })),
      );
      if (json) return printJson(context.stdout, executions.map(executionJson));
      const ids = executions.map(({ id }) => shortId(id)).join(", ");
      context.stdout.write(
        ids === ""
          ? "Nothing was made: no job waits for this event, or its id is known already.\n"
          : `Executions made: ${ids}.\n`,
      );
    });
}
