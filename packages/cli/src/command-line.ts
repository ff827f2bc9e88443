/** One command line from its words to its exit code. */
import { CommanderError } from "commander";
import { addApprove } from "./commands/approve.ts";
import { addAudit } from "./commands/audit.ts";
import { addBackup } from "./commands/backup.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDev } from "./commands/dev.ts";
import { addDismiss } from "./commands/dismiss.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvents } from "./commands/events.ts";
import { addInit } from "./commands/init.ts";
import { addInputs } from "./commands/inputs.ts";
import { addJobs } from "./commands/jobs.ts";
import { addLogs } from "./commands/logs.ts";
import { addNeedsAttention } from "./commands/needs-attention.ts";
import { addOutputs } from "./commands/outputs.ts";
import { addPause } from "./commands/pause.ts";
import { addResolve } from "./commands/resolve.ts";
import { addResume } from "./commands/resume.ts";
import { addRetry } from "./commands/retry.ts";
import { addRun } from "./commands/run.ts";
import { addRuns } from "./commands/runs.ts";
import { addServe } from "./commands/serve.ts";
import { addSkipInput } from "./commands/skip-input.ts";
import { addStatus } from "./commands/status.ts";
import { addTokens } from "./commands/tokens.ts";
import { addWorkflows } from "./commands/workflows.ts";
import { createContext, type Host } from "./context.ts";
import { describeError } from "./describe-error.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { UsageError } from "./usage-error.ts";

/** In the order of the help. */
const COMMANDS = [
  addInit,
  addRun,
  addServe,
  addDev,
  addStatus,
  addWorkflows,
  addRuns,
  addLogs,
  addInputs,
  addEvents,
  addOutputs,
  addNeedsAttention,
  addResolve,
  addApprove,
  addRetry,
  addPause,
  addResume,
  addSkipInput,
  addDismiss,
  addJobs,
  addAudit,
  addBackup,
  addDoctor,
  addTokens,
  addCompletion,
];

/**
 * Runs one command line and resolves to its exit code; it never throws.
 * @param words what follows the program's name, for example `["status", "--json"]`
 */
export async function runCommandLine(words: readonly string[], host: Host): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODES.ok;
  const context = createContext(host, (code) => {
    exitCode = code;
  });
  const program = createProgram(context);
  for (const add of COMMANDS) add(program, context);
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has told the user already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    const text = describeError(error, { verbose: program.opts().verbose === true });
    context.stderr.write(`${context.errorColors.red(text)}\n`);
    return error instanceof UsageError ? EXIT_CODES.usage : EXIT_CODES.failed;
  }
}
