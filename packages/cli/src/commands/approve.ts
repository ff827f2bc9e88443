import type { Context } from "../context.ts";
import { decide } from "../open-operations.ts";
import { byOption, evidenceOption } from "../option-values.ts";
import { printMutation } from "../output/print-mutation.ts";
import type { Program } from "../program.ts";

export function addApprove(program: Program, context: Context): void {
  program
    .command("approve")
    .description("Allow an action that waits for approval: exactly the parameters that are shown are sent.")
    .argument("<mutation>", "its id, or the end of it")
    .option("--reject", "refuse it; the workflow goes on without it")
    .addOption(byOption(context.env))
    .addOption(evidenceOption())
    .addHelpText("after", "\nExamples:\n  millrace approve 8f2a9c01\n  millrace approve 8f2a9c01 --reject --by anna")
    .action(async (ending, _options, command) => {
      const { reject, evidence, ...options } = command.optsWithGlobals();
      const { by } = options;
      const approved = reject !== true;
      await decide(options, context, async (readings, perform) => {
        const { id } = await readings.findMutation(ending);
        const deed = { action: "output.approve", subject: { type: "output", id }, details: { approved, evidence } };
        const mutation = await perform(deed, (operations) => operations.approve(id, { by, evidence, approved }));
        await printMutation(readings, mutation, options, context);
      });
    });
}
