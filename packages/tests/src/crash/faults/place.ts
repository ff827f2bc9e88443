/** A folder with a database of its own, and real processes of `millrace` that use it. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Operations } from "@millrace/agent";
import { createStores, openDatabase, type SqliteDatabase } from "@millrace/db";
import { runCommandLine } from "millrace";
import type { OutsideWorld } from "./outside-world.ts";

const MAIN = fileURLToPath(new URL("../../../../cli/src/main.ts", import.meta.url));
export const WORKFLOWS = fileURLToPath(new URL("order-workflows.ts", import.meta.url));

/** Without it each process would spend most of its time on compiling the same modules. */
const COMPILE_CACHE = fileURLToPath(new URL("../../../../../node_modules/.cache/faults", import.meta.url));

export interface Outcome {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** How a process is started otherwise than usual. */
export interface ProcessOptions {
  /** What the workflows do that they should not: see `order-workflows.ts`. */
  faults?: Record<string, string>;
  node?: readonly string[];
  /** How many files it may have open. */
  descriptors?: number;
  /** Whether it runs as somebody whom permissions hold for, also when the tests run as root. */
  unprivileged?: boolean;
}

export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-fault-"));
  readonly path = join(this.folder, "millrace.sqlite");
  readonly location = `sqlite:${this.path}`;
  private readonly world: OutsideWorld;
  private readonly running: RunningProcess[] = [];

  constructor(world: OutsideWorld) {
    this.world = world;
  }

  /** Starts `millrace` in a process of its own. */
  start(words: readonly string[], options: ProcessOptions = {}): RunningProcess {
    return this.startProgram([MAIN, ...words], options);
  }

  /** Starts a program of these tests in a process of its own. @param program its file, and its arguments */
  startProgram(program: readonly string[], options: ProcessOptions = {}): RunningProcess {
    const { faults = {}, node = [], descriptors, unprivileged = false } = options;
    const dropping = unprivileged && process.getuid?.() === 0 ? [`--import=data:text/javascript,${BECOME_NOBODY}`] : [];
    const command = [process.execPath, "--conditions=millrace-source", ...dropping, ...node, ...program];
    const limit = ["sh", "-c", `ulimit -n ${descriptors ?? ""}; exec "$@"`, "sh"];
    const limited = descriptors === undefined ? command : [...limit, ...command];
    const [executable = "", ...rest] = limited;
    const { PATH } = process.env;
    const child = spawn(executable, rest, {
      env: {
        PATH,
        NO_COLOR: "1",
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        MILLRACE_DATABASE: this.location,
        FAULT_WORLD: this.world.url,
        ...faults,
      },
    });
    const running = new RunningProcess(child);
    this.running.push(running);
    return running;
  }

  /** Runs the workflows until what is due is done. */
  runOnce(options: ProcessOptions = {}): Promise<Outcome> {
    return this.start(["run", WORKFLOWS, "--once"], options).ended;
  }

  /** Runs a command that reads or decides, in this process. */
  async millrace(...words: string[]): Promise<{ exitCode: number; output: string }> {
    let output = "";
    const stream = { isTTY: false, write: (text: string) => void (output += text) };
    const env = { MILLRACE_DATABASE: this.location, NO_COLOR: "1" };
    const exitCode = await runCommandLine(words, { stdout: stream, stderr: stream, env });
    return { exitCode, output };
  }

  /** Looks into the database without running anything. */
  async look<T>(work: (database: SqliteDatabase) => Promise<T>): Promise<T> {
    const database = await openDatabase(this.location);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  /** What became of everything, for a test to compare. */
  summary() {
    return this.look(async (database) => {
      const stores = createStores(database);
      const operations = new Operations({ database });
      const [workflow] = await stores.workflows.list();
      const events = workflow ? await stores.events.list({ workflowId: workflow.id }) : [];
      return {
        events: events.map(({ messageId, status }) => `${messageId} ${status}`).toSorted((a, b) => a.localeCompare(b)),
        outputs: (await operations.outputs()).map(({ status }) => status),
        active: await stores.handlerRuns.listActive(),
        attention: (await operations.needsAttention()).map(({ notification }) => notification.message),
        damage: await database.check(),
      };
    });
  }

  has(ending: string): boolean {
    return existsSync(`${this.path}${ending}`);
  }

  async dispose(): Promise<void> {
    for (const process of this.running) process.kill("SIGKILL");
    await Promise.all(this.running.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A process that does not say what it should is ended, so that the test can show what it has said. */
const PATIENCE_MS = 30_000;

/** The user that owns nothing, by number. */
export const NOBODY = 65_534;

/** Done by the process itself, for the program of Node may be in a folder that others can't enter. */
const BECOME_NOBODY = `process.setegid(${NOBODY});process.seteuid(${NOBODY})`;

/** A process of `millrace`, and what it has said. */
export class RunningProcess {
  readonly ended: Promise<Outcome>;
  private readonly child: ChildProcessWithoutNullStreams;
  private output = "";
  private hasEnded = false;
  private readonly waiting = new Set<() => void>();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        this.output += `${line}\n`;
        this.wake();
      });
    }
    this.ended = new Promise((resolve) => {
      child.on("close", (exitCode, signal) => {
        this.hasEnded = true;
        this.wake();
        resolve({ exitCode, signal, output: this.output });
      });
    });
  }

  /** Resolves, with all that it has said, when it has said this, so often. */
  async says(text: string, times = 1): Promise<string> {
    const deadline = setTimeout(() => this.kill("SIGKILL"), PATIENCE_MS);
    while (this.output.split(text).length <= times) {
      if (this.hasEnded) throw new Error(`It ended without having said "${text}":\n${this.output}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    clearTimeout(deadline);
    return this.output;
  }

  /** Resolves as the promise does, unless the process ends before. */
  until<T>(reached: Promise<T>): Promise<T> {
    const ended = this.ended.then(({ output }): never => {
      throw new Error(`It ended too early:\n${output}`);
    });
    return Promise.race([reached, ended]);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
