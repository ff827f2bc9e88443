import type { Attention } from "@millrace/agent";
import type { Context } from "../context.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { consult, nameWorkflows } from "../open-operations.ts";
import { adviceFor } from "../output/advice.ts";
import { localTime, shortId } from "../output/cells.ts";
import { mutationJson, notificationJson, printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Program } from "../program.ts";

export function addNeedsAttention(program: Program, context: Context): void {
  program
    .command("needs-attention")
    .description("List what waits for a person, oldest first, and what to do about each. Exits with 3 if there is any.")
    .addHelpText("after", "\nExample:\n  millrace needs-attention || mail -s 'Millrace needs you' me@example.com")
    .action(async (_options, command) => {
      const { database, json } = command.optsWithGlobals();
      const { waiting, nameOf } = await consult(database, async (readings) => ({
        waiting: await readings.needsAttention(),
        nameOf: await nameWorkflows(readings),
      }));
      if (json) {
        const rows = waiting.map(({ notification, workflow, job, mutation }) => ({
          notification: notificationJson(notification),
          workflow,
          job: job && { id: job.id, name: job.name },
          mutation: mutation && mutationJson(mutation, nameOf),
        }));
        printJson(context.stdout, rows);
      } else {
        const blocks = waiting.map((attention) => describe(attention, context));
        context.stdout.write(blocks.length === 0 ? "Nothing needs you.\n" : blocks.join("\n"));
      }
      if (waiting.length > 0) context.setExitCode(EXIT_CODES.needsAttention);
    });
}

function describe(attention: Attention, { colors }: Context): string {
  const { notification, workflow, job, mutation } = attention;
  const { id, kind, createdAt, message } = notification;
  const lines = [
    `${colors.bold(printable(workflow ?? `job ${job?.name ?? ""}`))}  ${colors.red(kind)}  ${localTime(createdAt)}  ${colors.dim(`(notification ${shortId(id)})`)}`,
    `  ${printable(message)}`,
  ];
  if (mutation) {
    const { connector, operation, params } = mutation;
    lines.push(`  Asked for: ${printable(`${connector}.${operation} ${JSON.stringify(params)}`)}`);
  }
  lines.push(...adviceFor(attention).map((line) => `  ${colors.cyan(line)}`));
  return `${lines.join("\n")}\n`;
}
