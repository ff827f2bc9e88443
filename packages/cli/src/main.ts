#!/usr/bin/env node
/** The `millrace` program: gives the command line this process's streams, signals and exit code. */
import { describeError } from "./describe-error.ts";
import { EXIT_CODES, runCommandLine, type OutputStream } from "./index.ts";

/** Who launched this process (npm, a shell) may pass on a signal that it got as well: so soon it is the same one. */
const ECHO_MS = 250;

/** What listens for the first signal; the second ends the process. */
const interruptions = new Set<() => void>();
let first: { signal: NodeJS.Signals; at: number } | null = null;

function onSignal(signal: NodeJS.Signals): void {
  if (first?.signal === signal && performance.now() - first.at < ECHO_MS) return;
  if (first !== null || interruptions.size === 0) process.exit(EXIT_CODES.interrupted);
  first = { signal, at: performance.now() };
  interrupt();
}

function interrupt(): void {
  for (const listener of interruptions) listener();
}

/** A reader that has gone (`millrace runs | head`) ends what is running, as Ctrl-C does. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  if (interruptions.size === 0) process.exit(EXIT_CODES.ok);
  interrupt();
}

/** What user code throws outside of any handler ends the process; all that counts is on disk. */
function onUncaught(error: unknown): void {
  process.stderr.write(`${describeError(error, { verbose: process.argv.includes("--verbose") })}\n`);
  process.exit(EXIT_CODES.failed);
}

/** On an older Node the database's binary may crash the process. */
function assertNodeVersion(): void {
  if (Number.parseInt(process.versions.node, 10) >= 22) return;
  process.stderr.write(`error: Millrace needs Node 22.12 or newer; this is ${process.version}.\n`);
  process.exit(EXIT_CODES.failed);
}

assertNodeVersion();
process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);
process.on("uncaughtException", onUncaught);
process.stdout.on("error", onOutputError);
process.stderr.on("error", onOutputError);

const exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  onInterrupt: (listener) => {
    interruptions.add(listener);
    return () => interruptions.delete(listener);
  },
});

const flushed = (stream: OutputStream & NodeJS.WritableStream) =>
  new Promise((resolve) => {
    stream.write("", resolve);
  });
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// What a workflow's module has left open must not keep the process alive.
process.exit(exitCode);
