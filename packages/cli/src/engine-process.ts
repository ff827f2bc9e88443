/** What the commands share that run an engine: they load its workflows, tell what it does, and end it when they are told to. */
import { createEngine, type Engine } from "@millrace/agent";
import { openDatabase, type SqliteDatabase } from "@millrace/db";
import type { Logger } from "pino";
import type { Context } from "./context.ts";
import { Doorbell } from "./doorbell.ts";
import type { ExitCode } from "./exit-codes.ts";
import { loadWorkflows, type LoadedWorkflows } from "./load-workflows.ts";
import { nameWorkflows } from "./open-operations.ts";
import { reportActivity } from "./output/activity.ts";
import { createLogger } from "./output/log-lines.ts";
import type { SharedOptions } from "./program.ts";

/** An engine of this process, and what belongs to it. */
export interface EngineProcess {
  engine: Engine;
  database: SqliteDatabase;
  loaded: LoadedWorkflows;
  logger: Logger;
  /** For what is told of the process itself. */
  host: Logger;
  /** Resolves when the user asks it to end. */
  interrupted: Promise<void>;
}

/**
 * Makes an engine for the workflows of a file; `work` starts and stops it.
 * @param load reads the file
 */
export async function withEngine(
  file: string,
  options: SharedOptions,
  context: Context,
  work: (running: EngineProcess) => Promise<ExitCode>,
  load: (file: string) => Promise<LoadedWorkflows> = loadWorkflows,
): Promise<ExitCode> {
  let removeListener: () => void = () => undefined;
  const interrupted = new Promise<void>((resolve) => {
    removeListener = context.onInterrupt(resolve);
  });
  try {
    const loaded = await load(file);
    const database = await openDatabase(options.database);
    try {
      const logger = createLogger(context, options);
      const { workflows, connectors, jobHandlers, policy } = loaded;
      const engine = createEngine({
        database,
        logger,
        workflows,
        watchThread: true,
        ...(connectors && { connectors }),
        ...(jobHandlers && { jobHandlers }),
        ...(policy && { policy }),
      });
      return await work({ engine, database, loaded, logger, host: logger.child({ activity: "host" }), interrupted });
    } finally {
      await database.close();
    }
  } finally {
    removeListener();
  }
}

/** Starts the engine, and says what runs and what it does from then on. */
export async function start({ engine, database, loaded, logger, host }: EngineProcess, hint: string): Promise<void> {
  await report(engine, logger);
  const recovered = await engine.start();
  const { workflows, jobHandlers = [] } = loaded;
  const names = [...workflows, ...jobHandlers].map(({ name }) => name).join(", ");
  host.info({ recovered }, `${names} on ${database.location}${hint}`);
}

/** Tells what the engine does, workflows by their names. */
async function report(engine: Engine, logger: Logger): Promise<void> {
  const nameOf = await nameWorkflows(engine);
  const known = new Map<string, string>();
  engine.on("workflow:changed", ({ id, name }) => known.set(id, name));
  reportActivity(engine, logger, (id) => known.get(id) ?? nameOf(id));
}

/** Lets the engine run, and answers whenever another process says that it has changed the database. */
export async function runUntilInterrupted(
  { database, host, interrupted }: EngineProcess,
  onRing: () => Promise<void>,
): Promise<void> {
  const doorbell = new Doorbell({
    databasePath: database.path,
    onRing,
    onError: (error) => host.warn({ err: error }, "Decisions of other processes may go unnoticed until the next start"),
  });
  await interrupted;
  host.info("ends when what is running is done; Ctrl-C again ends it at once");
  await doorbell.close();
}
