/** `pause` and `resume`: what a person wants of a workflow. */
import type { Context } from "../context.ts";
import { decide } from "../open-operations.ts";
import { byOption } from "../option-values.ts";
import { printJson } from "../output/json.ts";
import type { Program } from "../program.ts";

export interface StatusChange {
  verb: "pause" | "resume";
  description: string;
  /** What is said when it is done. */
  done: string;
  status: "active" | "paused";
}

export function addStatusChange(program: Program, context: Context, change: StatusChange): void {
  const { verb, description, done, status } = change;
  program
    .command(verb)
    .description(description)
    .argument("<workflow>", "its name")
    .addOption(byOption(context.env))
    .addHelpText("after", `\nExample:\n  millrace ${verb} invoices`)
    .action(async (workflow, _options, command) => {
      const { json, ...place } = command.optsWithGlobals();
      const deed = { action: `workflow.${verb}`, subject: { type: "workflow", id: workflow }, details: {} };
      await decide(place, context, (_readings, perform) => perform(deed, (operations) => operations[verb](workflow)));
      if (json) printJson(context.stdout, { workflow, status });
      else context.stdout.write(`${workflow} ${done}.\n`);
    });
}
