/** Programs that the comparison starts: each is waited for within bounds and is gone afterwards. */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { basename } from "node:path";
import { pause } from "./timing.ts";

const STOP_TIMEOUT_MS = 15_000;
const READY_TIMEOUT_MS = 60_000;
/** What is kept of a program's last words, in characters. */
const WORDS = 4_000;

class ProgramError extends Error {
  override readonly name = "ProgramError";
}

/** What a program printed. @throws ProgramError when it fails, can't be started or takes longer than allowed */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { timeoutMs: number },
): Promise<string> {
  const { timeoutMs, ...place } = options;
  const child = spawn(command, args, { ...place, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-WORDS)));
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  try {
    await once(child, "close");
  } finally {
    clearTimeout(timer);
  }
  if (child.exitCode === 0) return stdout;
  const end = child.signalCode === null ? `ended with code ${child.exitCode}` : `was ended by ${child.signalCode}`;
  const words = stderr.trim() || stdout.trim();
  throw new ProgramError(`${basename(command)} ${end}: ${reasonIn(words)}`, { cause: words });
}

/** The line that names an error, or else the last one. */
function reasonIn(words: string): string {
  const lines = words.split("\n");
  return (lines.find((line) => /^\s*(\w*Error\b|fatal|error)/i.test(line)) ?? lines.at(-1) ?? "").trim();
}

/** A server that runs while the work is done. */
export class Server {
  private readonly child: ChildProcess;
  private words = "";

  constructor(command: string, args: readonly string[], options: SpawnOptions) {
    this.child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.words = (this.words + text).slice(-WORDS)));
    this.child.once("error", (error) => (this.words += error.message));
  }

  /** @throws ProgramError when it ends before it is ready, or is not ready in a minute */
  async untilReady(isReady: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!(await isReady())) {
      const ended = this.child.exitCode !== null || this.child.pid === undefined;
      if (ended || performance.now() > deadline)
        throw new ProgramError(`${basename(this.child.spawnfile)} does not get ready: ${reasonIn(this.words.trim())}`);
      await pause(50);
    }
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new ProgramError("There is no free port.");
  return address.port;
}

/** Whether somebody listens there. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
