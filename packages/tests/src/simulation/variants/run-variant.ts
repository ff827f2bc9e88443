/** Runs a broken engine in a process of its own, and says in which world it was caught. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const PROGRAM = fileURLToPath(new URL("variant-process.ts", import.meta.url));
/** An unbroken world takes less than a second of a processor. */
const LONGEST_WORLD_MS = 120_000;

const line = z.union([
  z.object({ loaded: z.literal(true) }),
  z.object({ begun: z.number() }),
  z.object({ seed: z.number(), violations: z.array(z.string()) }),
]);

/** A world in which something did not hold. */
export interface Catch {
  seed: number;
  violations: string[];
}

/**
 * Gives the worlds that break a rule; of a broken engine the first one only.
 * @param name of a variant, or "none"
 * @throws Error when the variant does not fit the sources, or can't be loaded
 */
export async function runVariant(name: string, { from, seeds }: { from: number; seeds: number }): Promise<Catch[]> {
  const words = ["--conditions=millrace-source", "--no-warnings", PROGRAM, name, String(from), String(seeds)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  const caught: Catch[] = [];
  let said = "";
  let begun: number | null = null;
  let isLoaded = false;
  let isHung = false;
  const hang = () => {
    isHung = true;
    child.kill("SIGKILL");
  };
  let watch = setTimeout(hang, LONGEST_WORLD_MS);
  child.stderr.on("data", (piece) => (said += String(piece)));
  createInterface({ input: child.stdout }).on("line", (text) => {
    clearTimeout(watch);
    watch = setTimeout(hang, LONGEST_WORLD_MS);
    const told = line.parse(JSON.parse(text));
    if ("loaded" in told) isLoaded = true;
    else if ("begun" in told) begun = told.begun;
    else {
      begun = null;
      if (told.violations.length > 0) caught.push(told);
    }
  });
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(watch);
  if (!isLoaded) throw new Error(`variant "${name}" can't be run: ${said}`);
  if (begun !== null) {
    const how = isHung ? "the world does not end" : `the process breaks (${code}): ${said.slice(0, 500)}`;
    caught.push({ seed: begun, violations: [how] });
  }
  const [own] = caught;
  // What a slip of the pen in the list breaks says nothing about the rules.
  const slip = name === "none" ? undefined : own?.violations.find((what) => /ReferenceError|SyntaxError/.test(what));
  if (slip !== undefined) throw new Error(`variant "${name}" is no sound program: ${slip}`);
  return caught;
}
