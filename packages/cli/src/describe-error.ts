/** The one place that turns errors into what people read. */
import { inspect } from "node:util";
import { MillraceError } from "@millrace/agent";
import {
  CorruptDatabaseError,
  DatabaseError,
  DatabaseOwnedError,
  InvalidLocationError,
  NoDatabaseError,
} from "@millrace/db";
import { WorkflowLoadError } from "./load-workflows.ts";
import { printable } from "./output/printable.ts";
import { UsageError } from "./usage-error.ts";

/** What to do on the command line about an error whose message can't know of it. */
const ADVICE = [
  [NoDatabaseError, `Name it with --database or MILLRACE_DATABASE; "millrace run <file>" makes one.`],
  [InvalidLocationError, "It is set with --database or MILLRACE_DATABASE."],
  [CorruptDatabaseError, "What is wrong, and how to go back to a backup: millrace doctor"],
  [UsageError, "Add --help to see what is possible."],
  [DatabaseOwnedError, "While it runs, all other commands may be used: it notices what they change."],
] as const;

/** Says what is wrong and what to do. The place where it arose is for those who ask for it. */
export function describeError(error: unknown, { verbose }: { verbose: boolean }): string {
  if (verbose) return printable(`error: ${inspect(error)}`, "lines");
  const lines = [`error: ${messageOf(error)}`, ...causesOf(error)];
  const [, advice] = ADVICE.find(([type]) => error instanceof type) ?? [];
  if (advice !== undefined) lines.push(advice);
  if (!isNamed(error)) lines.push("This was not expected. Add --verbose to see where it arose.");
  return printable(lines.join("\n"), "lines");
}

/** Named errors say all that there is to say, but for those that wrap what someone else's code threw. */
function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let cause = error instanceof WorkflowLoadError ? error.cause : undefined;
  while (cause !== undefined && causes.length < 5) {
    causes.push(`  because: ${messageOf(cause)}${placeOf(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** The line of the user's own code that threw, if it can be told. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || isNamed(error)) return "";
  const frames = error.stack?.split("\n").filter((line) => /^\s+at .*file:\/\//.test(line)) ?? [];
  const frame = frames.find((line) => !line.includes("/node_modules/"));
  const [, place] = /(file:\/\/[^)]*)/.exec(frame ?? "") ?? [];
  return place === undefined ? "" : ` (at ${place})`;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  return isNamed(error) || error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}

function isNamed(error: unknown): boolean {
  return error instanceof MillraceError || error instanceof DatabaseError;
}
