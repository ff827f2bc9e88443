/** For tests: runs command lines in this process or in one of their own, each test in a folder of its own. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runCommandLine, type Host, type OutputStream } from "../index.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** The path of a file of workflows in `fixtures`. */
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

export interface Outcome {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** A folder with a database of its own. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-cli-"));
  readonly databasePath = join(this.folder, "millrace.sqlite");
  private readonly children: ChildProcessWithoutNullStreams[] = [];

  /** Runs a command line in this process. */
  async run(...words: string[]): Promise<Outcome> {
    const stdout = new Capture();
    const stderr = new Capture();
    const exitCode = await runCommandLine(words, { stdout, stderr, env: this.env() });
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  /** Runs a command line in this process, with what is written to it, or on another kind of terminal. */
  async runWith({ stdin, env, isTTY, ...host }: RunOptions, ...words: string[]): Promise<Outcome> {
    const stdout = new Capture(isTTY);
    const stderr = new Capture(isTTY);
    const exitCode = await runCommandLine(words, {
      stdout,
      stderr,
      env: { ...this.env(), ...env },
      ...(stdin !== undefined && { stdin: chunksOf(stdin) }),
      ...host,
    });
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  /** Runs a command line with --json and gives what it printed. */
  async json(...words: string[]): Promise<unknown> {
    const { stdout, stderr } = await this.run(...words, "--json");
    if (stderr !== "") throw new Error(stderr);
    return JSON.parse(stdout);
  }

  /** Starts a command line in a process of its own. */
  start(...words: string[]): RunningProcess {
    const child = spawn(process.execPath, ["--conditions=millrace-source", MAIN, ...words], { env: this.env() });
    this.children.push(child);
    return new RunningProcess(child);
  }

  /** Ends every process that is left and deletes the folder. */
  dispose(): void {
    for (const child of this.children) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private env(): Record<string, string | undefined> {
    const { PATH } = process.env;
    return { PATH, MILLRACE_DATABASE: `sqlite:${this.databasePath}`, NO_COLOR: "1" };
  }
}

/** A command line that runs in a process of its own. */
export class RunningProcess {
  readonly ended: Promise<Outcome>;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();
  private hasEnded = false;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.lines.push(line);
      this.wake();
    });
    this.ended = new Promise((resolve) => {
      child.on("close", (exitCode) => {
        this.hasEnded = true;
        this.wake();
        resolve({ exitCode, stdout: this.lines.join("\n"), stderr });
      });
    });
  }

  /** Resolves to the first line of its output that holds this text, or to a later one. */
  async line(text: string, occurrence = 1): Promise<string> {
    for (;;) {
      const found = this.lines.filter((line) => line.includes(text))[occurrence - 1];
      if (found !== undefined) return found;
      if (this.hasEnded) throw new Error(`It ended without a line with "${text}":\n${(await this.ended).stderr}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Reads no more of its output. */
  hangUp(): void {
    this.child.stdout.destroy();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** How a command line is run otherwise than usual. */
export interface RunOptions extends Pick<Host, "clock" | "onInterrupt"> {
  /** What is written to its standard input. */
  stdin?: string;
  /** Variables of its environment, beside the usual ones. */
  env?: Record<string, string | undefined>;
  isTTY?: boolean;
}

/** In two pieces, as they may come. */
async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const half = Math.floor(bytes.length / 2);
  yield bytes.subarray(0, half);
  yield bytes.subarray(half);
}

class Capture implements OutputStream {
  text = "";
  readonly isTTY: boolean;

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}
