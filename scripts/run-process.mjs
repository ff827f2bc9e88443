// Runs child processes for the scripts: quietly as a named step, or in the foreground with our standard streams.
// A signal sent to this process reaches the child, which decides when to stop; we end after it, with its exit code.
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** @typedef {[program: string, ...args: string[]]} Command */
/** @typedef {{ cwd: string, env: NodeJS.ProcessEnv }} Place */
/** @typedef {{ code: number, stdout: string, stderr: string }} Result */

const forwardedSignals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Prints the label and the time taken, and the command's output only when it fails.
 * @param {string} label
 * @param {Command} command
 * @param {Place} place
 * @returns {Promise<string>} what the command printed
 */
export async function runStep(label, command, place) {
  process.stderr.write(`${label}… `);
  const started = performance.now();
  const result = await runProcess(command, place, ["ignore", "pipe", "pipe"]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(result.code === 0 ? `${seconds} s\n` : `failed after ${seconds} s\n`);
  if (result.code !== 0) throw new StepFailedError(label, command, result);
  return result.stdout;
}

/**
 * @param {Command} command
 * @param {Place} place
 * @returns {Promise<number>} the exit code
 */
export async function runInForeground(command, place) {
  const { code } = await runProcess(command, place, "inherit");
  return code;
}

export class StepFailedError extends Error {
  /**
   * @param {string} label
   * @param {Command} command
   * @param {Result} result
   */
  constructor(label, command, result) {
    super(`${label} failed (${command.join(" ")}):\n${result.stdout}${result.stderr}`.trimEnd());
    this.name = "StepFailedError";
    this.exitCode = result.code;
  }
}

/**
 * @param {Command} command
 * @param {Place} place
 * @param {import("node:child_process").StdioOptions} stdio
 * @returns {Promise<Result>}
 */
function runProcess([program, ...args], place, stdio) {
  return new Promise((resolve, reject) => {
    // pnpm and npm are .cmd files on Windows, which only a shell starts.
    const shell = process.platform === "win32" && (program === "pnpm" || program === "npm");
    const child = spawn(program, args, { ...place, stdio, shell });
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => child.kill(signal);
    for (const signal of forwardedSignals) process.on(signal, forward);

    const output = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (chunk) => (output.stdout += chunk));
    child.stderr?.setEncoding("utf8").on("data", (chunk) => (output.stderr += chunk));
    child.once("error", (error) => reject(new Error(`cannot start "${program}": ${error.message}`, { cause: error })));
    child.once("close", (code, signal) => {
      for (const name of forwardedSignals) process.off(name, forward);
      resolve({ ...output, code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
    });
  });
}
