import type { SkipResult } from "@millrace/agent";
import type { Context } from "../context.ts";
import { decide } from "../open-operations.ts";
import { byOption } from "../option-values.ts";
import { shortId } from "../output/cells.ts";
import { printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Program } from "../program.ts";

export function addSkipInput(program: Program, context: Context): void {
  program
    .command("skip-input")
    .description("Do nothing more because of an input. What has been done stays done.")
    .argument("<input>", "its id, or the end of it")
    .addOption(byOption(context.env))
    .addHelpText("after", "\nExample:\n  millrace skip-input 8f2a9c01")
    .action(async (ending, _options, command) => {
      const { json, ...place } = command.optsWithGlobals();
      const { input, result } = await decide(place, context, async (readings, perform) => {
        const found = await readings.findInput(ending);
        const { id } = found;
        const deed = { action: "input.skip", subject: { type: "input", id }, details: {} };
        return { input: found, result: await perform(deed, (operations) => operations.skipInput(id)) };
      });
      if (json) printJson(context.stdout, { input: input.id, ...result });
      else context.stdout.write(`${shortId(input.id)} "${printable(input.title)}": ${describe(result)}\n`);
    });
}

function describe({ skipped, events, abortedRuns, completingRuns }: SkipResult): string {
  if (!skipped) return "it had been skipped before.";
  const parts = [`skipped; pending events skipped: ${events}.`];
  if (abortedRuns.length > 0) parts.push(`Runs aborted: ${abortedRuns.length}.`);
  if (completingRuns.length > 0) parts.push(`Runs that have acted already and complete: ${completingRuns.length}.`);
  return parts.join(" ");
}
