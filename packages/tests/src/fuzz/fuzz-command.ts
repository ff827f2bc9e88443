/**
 * `pnpm fuzz`: sends each target what nobody means, and prints what came of it. The same seed sends the same. Names of
 * targets may be given; without one it is all of them.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { configuration } from "./configuration-target.ts";
import { definitions } from "./definitions-target.ts";
import { framing } from "./framing-target.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { http } from "./http-target.ts";
import { ingest } from "./ingest-target.ts";
import { jsonColumns } from "./json-columns-target.ts";
import { mailFolders } from "./mail-target.ts";
import { schedules } from "./schedules-target.ts";
import { unreadableStart } from "./unreadable-start-target.ts";

/** Each with how many of its inputs take as long as one that needs a host. */
const TARGETS: readonly (readonly [FuzzTarget, weight: number])[] = [
  [http, 1],
  [framing, 0.3],
  [ingest, 0.3],
  [configuration, 0.2],
  [definitions, 20],
  [schedules, 20],
  [mailFolders, 0.5],
  [jsonColumns, 0.2],
  [unreadableStart, 0.2],
];

const settings = z.object({
  names: z.array(z.enum(TARGETS.map(([{ name }]) => name) as [string, ...string[]])),
  runs: z.coerce.number().int().min(1).optional(),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .default(() => Math.floor(Math.random() * 2 ** 31)),
});
const DEFAULT_RUNS = 1_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: "string" }, seed: { type: "string" } },
  });
  const { names, runs, seed } = settings.parse({ ...values, names: positionals });
  console.log(`fuzz: seed ${seed}`);
  console.log(row(["target", "inputs", "refused", "accepted", "faults"]));
  let faults = 0;
  for (const [target, weight] of TARGETS) {
    if (names.length > 0 && !names.includes(target.name)) continue;
    // What is asked for by name gets just so many; of all targets the quick ones get more.
    const share = names.length > 0 ? (runs ?? DEFAULT_RUNS) : Math.ceil((runs ?? DEFAULT_RUNS) * weight);
    try {
      const { inputs, refused, accepted } = await target.run({ seed, runs: share });
      console.log(row([target.name, inputs, refused, accepted, 0]));
    } catch (error) {
      faults += 1;
      console.log(row([target.name, "", "", "", 1]));
      console.log(error);
    }
  }
  return faults === 0 ? 0 : 1;
}

function row([name, ...numbers]: readonly (string | number)[]): string {
  return String(name).padEnd(20) + numbers.map((number) => number.toLocaleString("en").padStart(12)).join("");
}

process.exitCode = await main();
