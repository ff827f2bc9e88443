import { Option } from "@commander-js/extra-typings";
import { LOG_LEVELS, type JobExecutionLog, type LogLevel } from "@millrace/db";
import type { Context } from "../../context.ts";
import { follow } from "../../follow.ts";
import { executionLogJson, renderExecutionLog } from "../../output/jobs.ts";
import { printJson } from "../../output/json.ts";
import type { SharedOptions } from "../../program.ts";
import type { JobReadings } from "../../readings.ts";
import type { JobsGroup } from "./group.ts";
import { consultJobs, watchJobs } from "./platform-jobs.ts";

interface Options extends SharedOptions {
  platform?: string | undefined;
  follow?: true | undefined;
  level?: LogLevel | undefined;
}

const AFTER_HELP = `
With -f and --json each line of output is JSON of its own.

Examples:
  millrace jobs logs 8f2a9c01
  millrace jobs logs 8f2a9c01 -f`;

export function addJobLogs(jobs: JobsGroup, context: Context): void {
  jobs
    .command("logs")
    .description("Show the log of an execution; with -f also what comes, until it is over.")
    .argument("<execution>", "its id, or the end of it")
    .option("-f, --follow", "go on until the execution is over, or Ctrl-C")
    .addOption(new Option("--level <level>", "only lines of this level or a more serious one").choices(LOG_LEVELS))
    .addHelpText("after", AFTER_HELP)
    .action(async (ending, _options, command) => {
      const options: Options = command.optsWithGlobals();
      if (options.follow) await followLogs(ending, options, context);
      else await showLogs(ending, options, context);
    });
}

async function showLogs(ending: string, { json, level, ...place }: Options, { stdout }: Context): Promise<void> {
  const lines: JobExecutionLog[] = [];
  await consultJobs(place, async ({ scheduler, findExecution }) => {
    const { id } = await findExecution(ending);
    await readBehind(scheduler, id, 0, level, (line) => lines.push(line));
  });
  if (json) printJson(stdout, lines.map(executionLogJson));
  else stdout.write(lines.length === 0 ? "No log lines.\n" : lines.map(renderExecutionLog).join(""));
}

async function followLogs(ending: string, { json, level, ...place }: Options, context: Context): Promise<void> {
  const { stdout } = context;
  const print = (line: JobExecutionLog) =>
    stdout.write(json ? `${JSON.stringify(executionLogJson(line))}\n` : renderExecutionLog(line));
  await watchJobs(place, async ({ scheduler, findExecution }, path) => {
    const { id } = await findExecution(ending);
    let seq = 0;
    await follow(path, context, async () => {
      // Asked first: what is over gets no more lines.
      const { status } = (await scheduler.getExecution(id)).execution;
      seq = await readBehind(scheduler, id, seq, level, print);
      return status === "pending" || status === "running";
    });
  });
}

/** So many lines at once. */
const PART = 1_000;

/** Gives each line behind `seq` to `take`; and the number of the last one. */
async function readBehind(
  scheduler: JobReadings,
  id: string,
  seq: number,
  level: LogLevel | undefined,
  take: (line: JobExecutionLog) => void,
): Promise<number> {
  const levels = level && LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
  let last = seq;
  for (;;) {
    const lines = await scheduler.getExecutionLogs(id, { afterSeq: last, limit: PART, levels });
    for (const line of lines) take(line);
    last = lines.at(-1)?.seq ?? last;
    if (lines.length < PART) return last;
  }
}
