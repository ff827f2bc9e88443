/** The root of the command line: its name, what every command takes, and how help and usage errors look. */
import { Command } from "@commander-js/extra-typings";
import type { Context } from "./context.ts";
import { readVersion } from "./version.ts";

const AFTER_HELP = `
Examples:
  millrace run workflows.ts                 run the workflows of a file until Ctrl-C
  millrace status                           see how each workflow is
  millrace needs-attention                  see what waits for you, and what to do about it
  millrace jobs list                        see what runs at which times
  millrace logs -f                          watch what runs write into their logs
  millrace outputs --status indeterminate   see which actions nobody knows the outcome of

Exit codes:
  0  done                      2  the command line is wrong
  1  failed                    3  done, and something waits for a person
  130  a second Ctrl-C ended it at once

MILLRACE_DATABASE sets the default of --database. NO_COLOR turns colours off.`;

export type Program = ReturnType<typeof createProgram>;

/** What every command takes. */
export interface SharedOptions {
  database: string;
  json?: true | undefined;
  verbose?: true | undefined;
}

export function createProgram({ stdout, stderr, env, colors, errorColors }: Context) {
  return new Command("millrace")
    .description("Runs workflows, and shows what came in, what was done about it, and what waits for a person.")
    .option(
      "--database <location>",
      "where the state is kept: sqlite:path/to/file.sqlite",
      env["MILLRACE_DATABASE"] ?? "sqlite:millrace.sqlite",
    )
    .option("--json", "print JSON, for programs")
    .option("--verbose", "print more; with an error, where it arose")
    .version(readVersion())
    .addHelpText("after", AFTER_HELP)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Add --help to see what is possible.")
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(errorColors.red(text)),
      getOutHasColors: () => colors.isColorSupported,
      getErrHasColors: () => errorColors.isColorSupported,
    })
    .exitOverride();
}
