/** What the example shows in the terminal. */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Engine } from "@millrace/agent";
import type { Receiver } from "./receiver.ts";

const MARKS = {
  applied: "done",
  failed: "failed",
  needs_reconcile: "asking",
  indeterminate: "unknown",
} as const;

/** Exit codes: all is done; something needs a person. */
const DONE = 0;
const NEEDS_ATTENTION = 3;

/** Prints a line for each thing that comes in and each that is done. */
export function printActivity(engine: Engine): void {
  const line = (mark: string, text: string) =>
    console.log(`${new Date().toISOString().slice(11, 19)}  ${mark.padEnd(8)} ${text}`);
  engine.on("input:registered", ({ title }) => line("mail", title));
  engine.on("mutation:changed", ({ status, title, error }) => {
    if (status in MARKS) line(MARKS[status as keyof typeof MARKS], error === null ? title : `${title}: ${error}`);
  });
  engine.on("run:changed", ({ status, handlerName, error }) => {
    if (status !== "active" && status !== "committed")
      line(status, `${handlerName}${error === null ? "" : `: ${error}`}`);
  });
  engine.on("notification:created", ({ message }) => line("person!", message));
}

/** Prints what there is in the end; gives the exit code. */
export async function printSummary(engine: Engine, out: string, receiver: Receiver | null): Promise<number> {
  const [inputs, outputs, attention] = await Promise.all([
    engine.inputs({ limit: 100_000 }),
    engine.outputs({ limit: 100_000 }),
    engine.needsAttention(),
  ]);
  const csv = join(out, "invoices.csv");
  const rows = existsSync(csv)
    ? readFileSync(csv, "utf8")
        .split("\n")
        .filter((row) => row !== "").length
    : 0;
  const applied = outputs.filter(({ status }) => status === "applied").length;
  const lines: [string, string | number][] = [
    ["mails received", inputs.length],
    ["actions done", applied],
    ["actions open or failed", outputs.length - applied],
    [`rows in ${relative(process.cwd(), csv) || csv}`, rows],
    ...(receiver ? [["notifications received", receiver.notifications.length] satisfies [string, number]] : []),
    ["needing a person", attention.length],
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  console.log(`\n${lines.map(([label, value]) => `${label.padEnd(width)}  ${String(value).padStart(5)}`).join("\n")}`);
  for (const { notification } of attention) console.log(`\n! ${notification.message}`);
  return attention.length === 0 ? DONE : NEEDS_ATTENTION;
}
