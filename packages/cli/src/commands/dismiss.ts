import type { Context } from "../context.ts";
import { decide } from "../open-operations.ts";
import { byOption } from "../option-values.ts";
import { notificationJson, printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Program } from "../program.ts";

export function addDismiss(program: Program, context: Context): void {
  program
    .command("dismiss")
    .description("Close a notification that you have read. Nothing else changes.")
    .argument("<notification>", "its id, or the end of it")
    .addOption(byOption(context.env))
    .addHelpText("after", "\nExample:\n  millrace dismiss 8f2a9c01")
    .action(async (ending, _options, command) => {
      const { json, ...place } = command.optsWithGlobals();
      const notification = await decide(place, context, async (readings, perform) => {
        const found = await readings.findOpenNotification(ending);
        const { id } = found;
        const deed = { action: "notification.dismiss", subject: { type: "notification", id }, details: {} };
        await perform(deed, (operations) => operations.dismiss(id));
        return found;
      });
      if (json) printJson(context.stdout, notificationJson(notification));
      else context.stdout.write(`Dismissed: ${printable(notification.message)}\n`);
    });
}
