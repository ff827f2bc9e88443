/** Starts the thread that watches the event loop, and says what it sees. */
import { Worker } from "node:worker_threads";
import { SharedLoopState } from "./shared-loop-state.ts";

export interface ThreadData {
  memory: SharedArrayBuffer;
  limitMs: number;
  tickMs: number;
}

export interface WatchThread {
  readonly state: SharedLoopState;
  stop(): Promise<void>;
}

/** Begins to watch. @param onError gets what ends the thread too early */
export function startWatchThread(
  times: { limitMs: number; tickMs: number },
  onError: (error: unknown) => void,
): WatchThread {
  const state = new SharedLoopState();
  const workerData: ThreadData = { memory: state.memory, ...times };
  // Beside this module, as a source or as what is built of it.
  const program = new URL(`./loop-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
  const worker = new Worker(program, { workerData, execArgv: [], env: {}, name: "millrace event loop watch" });
  worker.once("error", onError);
  // A program that has nothing else to do ends.
  worker.unref();
  return {
    state,
    async stop() {
      await worker.terminate();
    },
  };
}

/** How many pieces of code are named. */
const MOST_NAMED = 5;

/** What the thread says while the event loop is blocked. */
export function describeBlock(stillMs: number, { calling, running }: Pick<SharedLoopState, "calling" | "running">) {
  const blocked = `the event loop has been blocked for ${(stillMs / 1_000).toFixed(1)} s`;
  const rest = "Nothing else runs in this process until that ends.";
  if (calling !== null) return `${blocked} by ${calling}. ${rest}`;
  if (running.length <= 1) return `${blocked}${running.length === 1 ? ` while ${running[0]} runs` : ""}. ${rest}`;
  const more = running.length - MOST_NAMED;
  const named = running.slice(0, MOST_NAMED).join("; ") + (more > 0 ? `; and ${more} others` : "");
  return `${blocked} while these run: ${named}. ${rest}`;
}
