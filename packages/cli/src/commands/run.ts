import { createEngine, type Engine } from "@millrace/agent";
import { openDatabase, type SqliteDatabase } from "@millrace/db";
import type { Logger } from "pino";
import type { Context } from "../context.ts";
import { Doorbell } from "../doorbell.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { loadWorkflows, type LoadedWorkflows } from "../load-workflows.ts";
import { nameWorkflows } from "../open-operations.ts";
import { reportActivity } from "../output/activity.ts";
import { createLogger } from "../output/log-lines.ts";
import { RunSummary, SUMMARY_COLUMNS } from "../output/run-summary.ts";
import { renderTable } from "../output/table.ts";
import type { Program, SharedOptions } from "../program.ts";

interface Options extends SharedOptions {
  once?: true | undefined;
}

const AFTER_HELP = `
The file exports a workflow made by defineWorkflow, a list of them, or { workflows, connectors, policy }.
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

async function run(file: string, options: Options, context: Context): Promise<ExitCode> {
  let removeListener: () => void = () => undefined;
  const interrupted = new Promise<void>((resolve) => {
    removeListener = context.onInterrupt(resolve);
  });
  try {
    const loaded = await loadWorkflows(file);
    const database = await openDatabase(options.database);
    try {
      return await runEngine(database, loaded, options, context, interrupted);
    } finally {
      await database.close();
    }
  } finally {
    removeListener();
  }
}

async function runEngine(
  database: SqliteDatabase,
  loaded: LoadedWorkflows,
  options: Options,
  context: Context,
  interrupted: Promise<void>,
): Promise<ExitCode> {
  const logger = createLogger(context, options);
  const host = logger.child({ activity: "host" });
  const engine = createEngine({ database, ...loaded, logger });
  const summary = options.once ? new RunSummary(engine) : null;
  await report(engine, logger);
  const recovered = await engine.start();
  const names = loaded.workflows.map(({ name }) => name).join(", ");
  host.info({ recovered }, `${names} on ${database.location}${summary ? "" : ". Ctrl-C ends it."}`);
  if (summary) await Promise.race([engine.whenIdle(), interrupted]);
  else await runUntil(interrupted, engine, database, host);
  await engine.stop();
  return summary ? printSummary(summary, engine, logger, options, context) : EXIT_CODES.ok;
}

/** Tells what the engine does, workflows by their names. */
async function report(engine: Engine, logger: Logger): Promise<void> {
  const nameOf = await nameWorkflows(engine);
  const known = new Map<string, string>();
  engine.on("workflow:changed", ({ id, name }) => known.set(id, name));
  reportActivity(engine, logger, (id) => known.get(id) ?? nameOf(id));
}

/** Lets the engine run, and look into the database whenever another process says that it has changed it. */
async function runUntil(
  interrupted: Promise<void>,
  engine: Engine,
  database: SqliteDatabase,
  host: Logger,
): Promise<void> {
  const doorbell = new Doorbell({
    databasePath: database.path,
    onRing: () => engine.refresh(),
    onError: (error) => host.warn({ err: error }, "Decisions of other processes may go unnoticed until the next start"),
  });
  await interrupted;
  host.info("ends when what is running is done; Ctrl-C again ends it at once");
  await doorbell.close();
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
