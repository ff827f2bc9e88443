import { Option } from "@commander-js/extra-typings";
import { LOG_LEVELS, type LogLevel, type RunLogFilter, type RunLogLine } from "@millrace/db";
import type { Context } from "../context.ts";
import { follow } from "../follow.ts";
import { consult, nameWorkflows, watchOver } from "../open-operations.ts";
import { limitOption, workflowOption } from "../option-values.ts";
import { localTime, shortId } from "../output/cells.ts";
import { printJson, runLogJson, type NameOf } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Program, SharedOptions } from "../program.ts";
import type { Readings } from "../readings.ts";

interface Options extends SharedOptions {
  follow?: true | undefined;
  workflow?: string | undefined;
  run?: string | undefined;
  level?: LogLevel | undefined;
  limit: number;
}

const AFTER_HELP = `
With -f and --json each line of output is JSON of its own.

Examples:
  millrace logs --workflow invoices --level warn
  millrace logs -f`;

export function addLogs(program: Program, context: Context): void {
  program
    .command("logs")
    .description("Show the last log lines of runs, oldest first, and with -f those that come.")
    .option("-f, --follow", "go on until Ctrl-C")
    .addOption(workflowOption())
    .option("--run <run>", "only those of this run (its id, or the end of it)")
    .addOption(new Option("--level <level>", "only those of this level or a more serious one").choices(LOG_LEVELS))
    .addOption(limitOption())
    .addHelpText("after", AFTER_HELP)
    .action(async (_options, command) => {
      const options: Options = command.optsWithGlobals();
      if (options.follow) await followLogs(options, context);
      else await showLogs(options, context);
    });
}

async function showLogs(options: Options, { stdout, colors }: Context): Promise<void> {
  const { lines, nameOf } = await consult(options.database, async (readings) => ({
    lines: await readings.runLogs({ ...(await toFilter(readings, options)), limit: options.limit }),
    nameOf: await nameWorkflows(readings),
  }));
  if (options.json)
    printJson(
      stdout,
      lines.map((line) => runLogJson(line, nameOf)),
    );
  else if (lines.length === 0) stdout.write("No such log lines.\n");
  else for (const line of lines) stdout.write(render(line, nameOf, colors));
}

/** So many lines at once. */
const PART = 1_000;

async function followLogs(options: Options, context: Context): Promise<void> {
  const { stdout, colors } = context;
  await watchOver(options.database, async (readings, path) => {
    const filter = await toFilter(readings, options);
    let position: number | null = null;
    const look = async () => {
      const nameOf = await nameWorkflows(readings);
      let isPartOnly: boolean;
      do {
        // Asked first, so that a line that comes meanwhile is behind it.
        const last = await readings.runLogPosition();
        const behind = position === null ? { limit: options.limit } : { after: position, limit: PART };
        const lines = await readings.runLogs({ ...filter, ...behind });
        for (const line of lines)
          stdout.write(options.json ? `${JSON.stringify(runLogJson(line, nameOf))}\n` : render(line, nameOf, colors));
        isPartOnly = position !== null && lines.length === PART;
        const shown = lines.at(-1)?.position ?? 0;
        position = isPartOnly ? shown : Math.max(last, shown, position ?? 0);
      } while (isPartOnly);
      return true;
    };
    await follow(path, context, look);
  });
}

async function toFilter(readings: Readings, { workflow, run, level }: Options): Promise<RunLogFilter> {
  return {
    ...(workflow !== undefined && { workflowId: (await readings.workflowByName(workflow)).id }),
    ...(run !== undefined && { runId: (await readings.findRun(run)).id }),
    ...(level !== undefined && { levels: LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)) }),
  };
}

function render(line: RunLogLine, nameOf: NameOf, colors: Context["colors"]): string {
  const { at, level, message, data, runId, workflowId, handlerName } = line;
  const color = level === "error" ? colors.red : level === "warn" ? colors.yellow : colors.dim;
  const rest = data === null ? "" : ` ${JSON.stringify(data)}`;
  const place = printable(`${nameOf(workflowId)}.${handlerName}`);
  return `${colors.dim(localTime(at))}  ${color(level.padEnd(5))}  ${colors.bold(place)} ${colors.dim(shortId(runId))}  ${printable(`${message}${rest}`)}\n`;
}
