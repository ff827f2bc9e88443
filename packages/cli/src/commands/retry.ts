import type { Context } from "../context.ts";
import { decide } from "../open-operations.ts";
import { byOption, evidenceOption } from "../option-values.ts";
import { shortId } from "../output/cells.ts";
import { printJson, runJson } from "../output/json.ts";
import type { Program } from "../program.ts";

export function addRetry(program: Program, context: Context): void {
  program
    .command("retry")
    .description("Let a workflow's failed run be tried again now.")
    .argument("<workflow>", "its name")
    .addOption(byOption(context.env))
    .addOption(evidenceOption())
    .addHelpText("after", "\nExample:\n  millrace retry invoices")
    .action(async (workflow, _options, command) => {
      const { json, evidence, ...place } = command.optsWithGlobals();
      const { by } = place;
      const deed = { action: "workflow.retry", subject: { type: "workflow", id: workflow }, details: { evidence } };
      const run = await decide(place, context, (_readings, perform) =>
        perform(deed, (operations) => operations.retry(workflow, { by, evidence })),
      );
      if (json)
        printJson(
          context.stdout,
          runJson(run, () => workflow),
        );
      else context.stdout.write(`Run ${shortId(run.id)} (${run.handlerName}) of ${workflow} is tried again.\n`);
    });
}
