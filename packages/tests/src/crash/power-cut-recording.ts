/** Runs the process under strace and gives what it did to its disk, and what was observed of it, in one order. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { DiskModel, type DiskContent } from "./power-cut-disk-model.ts";
import { readTrace, TRACED_CALLS, type TraceStep } from "./power-cut-trace.ts";
import { LINES_FILE, observation, type Observation } from "./power-cut-world.ts";

const PROGRAM = fileURLToPath(new URL("power-cut-process.ts", import.meta.url));
/** Longer than anything that the process writes at once; strace shortens what is longer, which is then refused. */
const LONGEST_WRITE = 1 << 24;

export interface RecordingOptions {
  /** How far SQLite syncs; the product has FULL. */
  synchronous: "FULL" | "NORMAL" | "OFF";
  orders: number;
  /** What node needs before the program. */
  nodeArguments: readonly string[];
}

/** A step of the process: to its disk, or what was observed of it. */
export type RecordedStep = TraceStep | { is: "observed"; observed: Observation };

export interface Recording {
  /** The folder that the process had. */
  root: string;
  steps: RecordedStep[];
  calls: number;
  syncs: number;
  observations: number;
  /** What a file that lines are appended to was known by: on another disk it is another one. */
  linesFileIdentity: string;
}

/**
 * Records one life of the process, from the making of its database to its orderly end.
 * @param folder where the disk, the trace and the record of the world are left
 */
export async function recordProcess(options: RecordingOptions, folder: string): Promise<Recording> {
  const [root, record, trace] = [join(folder, "disk"), join(folder, "observed"), join(folder, "trace")];
  mkdirSync(root);
  await runTraced(options, root, record, trace);
  const concerns = (path: string) => path === record || path === root || isRecorded(root, path);
  const steps = observedAmong(readTrace(readFileSync(trace, "utf8"), concerns), record);
  assertComplete(root, steps);
  const { dev, ino } = statSync(join(root, "files", LINES_FILE), { bigint: true });
  const begun = steps.flatMap((step) => (step.is === "begun" ? [step.call] : []));
  return {
    root,
    steps,
    calls: begun.length,
    syncs: begun.filter(({ name }) => name === "sync").length,
    observations: steps.filter(({ is }) => is === "observed").length,
    linesFileIdentity: `${dev}:${ino}`,
  };
}

/** The index of the log is made anew after a crash, and who owns the database is a lock: neither is on the disk. */
function isRecorded(root: string, path: string): boolean {
  return path.startsWith(`${root}/`) && !path.endsWith("-shm") && !path.includes("-owner");
}

function runTraced(options: RecordingOptions, root: string, record: string, trace: string): Promise<void> {
  const strace = process.env["MILLRACE_STRACE"] ?? "strace";
  const tracing = ["-f", "--seccomp-bpf", "-y", "-xx", "-s", String(LONGEST_WRITE), "-e", `trace=${TRACED_CALLS}`];
  const { synchronous, orders, nodeArguments } = options;
  const program = [process.execPath, ...nodeArguments, PROGRAM, root, record, synchronous, String(orders)];
  const child = spawn(strace, [...tracing, "-e", "signal=none", "-o", trace, "--", ...program], {
    stdio: ["ignore", "pipe", "pipe"],
    // Files must not be written through a ring, which is no call that strace sees.
    env: { ...process.env, UV_USE_IO_URING: "0" },
  });
  let output = "";
  child.stdout.on("data", (piece) => (output += String(piece)));
  child.stderr.on("data", (piece) => (output += String(piece)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The process that is recorded ended with ${code}:\n${output}`));
    });
  });
}

/** Takes the writes of the record out of the trace, and puts what they say in their place. */
function observedAmong(trace: readonly TraceStep[], record: string): RecordedStep[] {
  let recordFile: number | null = null;
  return trace.flatMap((step): RecordedStep[] => {
    const { is, call } = step;
    if (call.name === "open" && call.path === record) {
      recordFile = call.file;
      return [];
    }
    if (recordFile === null || !("file" in call) || call.file !== recordFile) return [step];
    if (is === "ended" || call.name !== "write") return [];
    return [{ is: "observed", observed: observation.parse(JSON.parse(call.data.toString("utf8"))) }];
  });
}

/** What the model sees at the end must be what is there, byte for byte. */
function assertComplete(root: string, steps: readonly RecordedStep[]): void {
  const model = new DiskModel(root);
  for (const step of steps) if (step.is !== "observed") model.follow(step);
  const [modelled, real] = [describeContent(model.seen), describeContent(readContent(root))];
  if (modelled !== real) throw new Error(`The recording is not complete. Recorded:\n${modelled}\nReal:\n${real}`);
}

function readContent(root: string): DiskContent {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .map((entry) => [join(entry.parentPath, entry.name), entry.isDirectory()] as const)
      .filter(([path]) => isRecorded(root, path))
      .map(([path, isFolder]) => [relative(root, path), isFolder ? null : readFileSync(path)]),
  );
}

function describeContent(content: DiskContent): string {
  const lines = [...content].map(([path, bytes]) => `${path} ${bytes ? `${bytes.length} ${digest(bytes)}` : "folder"}`);
  return lines.toSorted((a, b) => a.localeCompare(b)).join("\n");
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
