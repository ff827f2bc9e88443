/** What may come next on a command line (pure), from the commands and options that there are. */
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

export interface Suggestion {
  value: string;
  description: string;
}

/** @param words what follows the program's name, up to the cursor; the last one is being written and may be empty */
export function suggest(program: CommandUnknownOpts, words: readonly string[]): Suggestion[] {
  const current = words.at(-1) ?? "";
  const { command, awaiting } = walk(program, words.slice(0, -1));
  const candidates = awaiting
    ? choices(awaiting.argChoices)
    : current.startsWith("-")
      ? optionsOf(command)
      : [...subcommandsOf(command), ...command.registeredArguments.flatMap(({ argChoices }) => choices(argChoices))];
  return candidates.filter(({ value }) => value.startsWith(current));
}

/** The command that the words lead to, and the option that still lacks its value. */
function walk(program: CommandUnknownOpts, words: readonly string[]) {
  let command = program;
  let awaiting: Option | null = null;
  for (const word of words) {
    if (awaiting) {
      awaiting = null;
    } else if (word.startsWith("-")) {
      const option = chainOf(command)
        .flatMap(({ options }) => options)
        .find(({ short, long }) => word === short || word === long);
      awaiting = option && !option.isBoolean() ? option : null;
    } else {
      command = command.commands.find((known) => known.name() === word) ?? command;
    }
  }
  return { command, awaiting };
}

/** A command and those that it belongs to, whose options it takes too. */
function chainOf(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return command.parent ? [command, ...chainOf(command.parent)] : [command];
}

function optionsOf(command: CommandUnknownOpts): Suggestion[] {
  const help = command.createHelp();
  // The version is the program's alone; help is each command's own.
  const own = help.visibleOptions(command);
  const inherited = chainOf(command)
    .slice(1)
    .flatMap(({ options }) => options.filter(({ hidden, long }) => !hidden && long !== "--version"));
  return [...own, ...inherited].flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ value: long, description: firstLine(description) }],
  );
}

function subcommandsOf(command: CommandUnknownOpts): Suggestion[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((known) => ({ value: known.name(), description: firstLine(known.description()) }));
}

const choices = (values: readonly string[] | undefined): Suggestion[] =>
  (values ?? []).map((value) => ({ value, description: "" }));

/** One line without the tab that divides a value from its description. */
const firstLine = (text: string) => (text.split("\n")[0] ?? "").replaceAll("\t", " ");
