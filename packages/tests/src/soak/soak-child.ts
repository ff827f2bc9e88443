/** Runs a soak in a process of its own, whose heap and open files are its alone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SoakSample } from "./soak-run.ts";

const PROGRAM = fileURLToPath(new URL("soak-process.ts", import.meta.url));

export interface SoakPlan {
  hours: number;
  seed: number;
  restartedHours: number;
}

/** @param onSample gets each sample as it comes @throws Error with what the process said when it failed */
export async function soak(
  { hours, seed, restartedHours }: SoakPlan,
  onSample: (sample: SoakSample) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-soak-"));
  try {
    const words = ["--expose-gc", "--conditions=millrace-source", PROGRAM, folder];
    const child = spawn(process.execPath, [...words, String(hours), String(seed), String(restartedHours)]);
    let said = "";
    child.stderr.on("data", (piece) => (said += String(piece)));
    // The program writes nothing but samples.
    createInterface({ input: child.stdout }).on("line", (line) => onSample(JSON.parse(line) as SoakSample));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`The soak of seed ${seed} ended with ${code}: ${said}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
