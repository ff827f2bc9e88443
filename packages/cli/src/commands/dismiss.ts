import type { Context } from "../context.ts";
import { decide } from "../open-operations.ts";
import { notificationJson, printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Program } from "../program.ts";

export function addDismiss(program: Program, context: Context): void {
  program
    .command("dismiss")
    .description("Close a notification that you have read. Nothing else changes.")
    .argument("<notification>", "its id, or the end of it")
    .addHelpText("after", "\nExample:\n  millrace dismiss 8f2a9c01")
    .action(async (ending, _options, command) => {
      const { database, json } = command.optsWithGlobals();
      const notification = await decide(database, context, async (operations) => {
        const found = await operations.findOpenNotification(ending);
        await operations.dismiss(found.id);
        return found;
      });
      if (json) printJson(context.stdout, notificationJson(notification));
      else context.stdout.write(`Dismissed: ${printable(notification.message)}\n`);
    });
}
