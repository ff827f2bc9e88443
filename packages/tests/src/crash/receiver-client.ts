/** The receiver as the kill command sees it: a process to give orders to, whose record it reads. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readRecord, type Acceptance, type ReceiverOrder } from "./receiver-record.ts";

const PROCESS = fileURLToPath(new URL("receiver-process.ts", import.meta.url));

export interface Receiver {
  readonly url: string;
  tell(order: ReceiverOrder): void;
  /** What it has accepted of a place, as its record says. */
  recordOf(place: string): Acceptance[];
  close(): Promise<void>;
}

export async function startReceiver(folder: string, seed: number): Promise<Receiver> {
  const record = join(folder, "received");
  const child = spawn(process.execPath, [PROCESS, record, String(seed)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The receiver ended with ${code}.`)));
    createInterface({ input: child.stdout }).once("line", resolve);
  });
  return {
    url,
    tell: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    recordOf: (place) => readRecord(readFileSync(record, "utf8"), place),
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
