/** `pause` and `resume`: what a person wants of a workflow. */
import type { Operations } from "@millrace/agent";
import type { Context } from "../context.ts";
import { decide } from "../open-operations.ts";
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
  const apply = (operations: Operations, workflow: string) => operations[verb](workflow);
  program
    .command(verb)
    .description(description)
    .argument("<workflow>", "its name")
    .addHelpText("after", `\nExample:\n  millrace ${verb} invoices`)
    .action(async (workflow, _options, command) => {
      const { database, json } = command.optsWithGlobals();
      await decide(database, context, (operations) => apply(operations, workflow));
      if (json) printJson(context.stdout, { workflow, status });
      else context.stdout.write(`${workflow} ${done}.\n`);
    });
}
