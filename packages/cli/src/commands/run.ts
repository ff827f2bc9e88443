import type { Engine } from "@millrace/agent";
import type { Logger } from "pino";
import type { Context } from "../context.ts";
import { runUntilInterrupted, start, withEngine } from "../engine-process.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { RunSummary, SUMMARY_COLUMNS } from "../output/run-summary.ts";
import { renderTable } from "../output/table.ts";
import type { Program, SharedOptions } from "../program.ts";

interface Options extends SharedOptions {
  once?: true | undefined;
}

const AFTER_HELP = `
The file exports a workflow made by defineWorkflow, a list of them, or { workflows, connectors, jobHandlers, policy }.
It may be TypeScript where Node can run that (from 22.18 on).

Ctrl-C (SIGINT) or SIGTERM ends it when what is running is done; a second one ends it at once, with 130.
With --once it exits with 3 when something waits for a person.

Examples:
  millrace run workflows.ts
  millrace run workflows.ts --once --database sqlite:/var/lib/millrace/state.sqlite`;

export function addRun(program: Program, context: Context): void {
  program
    .command("run")
    .description("Run the workflows of a file, and show what comes in and what is done, until Ctrl-C.")
    .argument("<file>", "a JavaScript or TypeScript module that exports workflows")
    .option("--once", "work off what is there and due now, show a summary, and end")
    .addHelpText("after", AFTER_HELP)
    .action(async (file, _options, command) => {
      context.setExitCode(await run(file, command.optsWithGlobals(), context));
    });
}

function run(file: string, options: Options, context: Context): Promise<ExitCode> {
  return withEngine(file, options, context, async (running) => {
    const { engine, logger, interrupted } = running;
    const summary = options.once ? new RunSummary(engine) : null;
    await start(running, summary ? "" : ". Ctrl-C ends it.");
    if (summary) await Promise.race([engine.whenIdle(), interrupted]);
    else await runUntilInterrupted(running, () => engine.refresh());
    await engine.stop();
    return summary ? printSummary(summary, engine, logger, options, context) : EXIT_CODES.ok;
  });
}

async function printSummary(
  summary: RunSummary,
  engine: Engine,
  logger: Logger,
  { json }: Options,
  { stdout, colors }: Context,
): Promise<ExitCode> {
  const rows = summary.rows(await engine.status());
  if (json) logger.info({ activity: "host", summary: rows }, "summary");
  else stdout.write(`\n${renderTable(rows, SUMMARY_COLUMNS, colors, "No workflows.")}`);
  const waits = rows.some(({ needsAttention }) => needsAttention > 0);
  if (waits && !json) stdout.write(`\nSomething waits for you: millrace needs-attention\n`);
  return waits ? EXIT_CODES.needsAttention : EXIT_CODES.ok;
}
