import { Argument } from "@commander-js/extra-typings";
import { SCRIPTS, SHELLS } from "../completion/scripts.ts";
import { suggest } from "../completion/suggest.ts";
import type { Context } from "../context.ts";
import { printJson } from "../output/json.ts";
import type { Program } from "../program.ts";

const AFTER_HELP = `
Examples:
  eval "$(millrace completion bash)"                                        in ~/.bashrc
  eval "$(millrace completion zsh)"                                         in ~/.zshrc, after compinit
  millrace completion fish > ~/.config/fish/completions/millrace.fish       once`;

export function addCompletion(program: Program, { stdout }: Context): void {
  program
    .command("completion")
    .description("Print a script with which the Tab key completes command lines.")
    .addArgument(new Argument("<shell>", "which shell it is for").choices(SHELLS))
    .addHelpText("after", AFTER_HELP)
    .action((shell, _options, command) => {
      const { json } = command.optsWithGlobals();
      if (json) printJson(stdout, { shell, script: SCRIPTS[shell] });
      else stdout.write(SCRIPTS[shell]);
    });
  program
    .command("complete", { hidden: true })
    .description("Say what may come next on a command line; for the script of the shell.")
    .argument("[words...]", "what was written so far")
    .action((words, _options, command) => {
      const { json } = command.optsWithGlobals();
      const suggestions = suggest(program, words);
      if (json) printJson(stdout, suggestions);
      else stdout.write(suggestions.map(({ value, description }) => `${value}\t${description}\n`).join(""));
    });
}
