/**
 * `pnpm crash`: kills real processes by SIGKILL, again and again, and counts what happened outside. The same seed gives
 * the same moments. specs/done/crash-safety.md says what each form of it does and checks.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";
import { SeededRandom } from "./seeded-random.ts";

const count = z.coerce.number().int().min(1);

const settings = z.object({
  what: z.enum(["lives", "invoices", "jobs", "disk-full", "power-cut"]),
  cycles: count.optional(),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(() => Math.floor(Math.random() * 2 ** 31)),
  lanes: count.default(availableParallelism() + 1),
  keep: z.boolean().default(false),
  liar: z.boolean().default(false),
});
type Settings = z.output<typeof settings>;

const DEFAULT_CYCLES = { lives: 1_000, invoices: 200, jobs: 100, "disk-full": 100, "power-cut": 200 } as const;

function readSettings(): Settings {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cycles: { type: "string" },
      seed: { type: "string" },
      lanes: { type: "string" },
      keep: { type: "boolean" },
      liar: { type: "boolean" },
      "disk-full": { type: "boolean" },
      "power-cut": { type: "boolean" },
    },
  });
  const { "disk-full": fillsDisk, "power-cut": cutsPower, ...others } = values;
  const asked = [...positionals, ...(fillsDisk ? ["disk-full"] : []), ...(cutsPower ? ["power-cut"] : [])];
  if (asked.length > 1) throw new Error(`Ask for one thing at a time: ${asked.join(" or ")}.`);
  return settings.parse({ ...others, what: asked[0] ?? "lives" });
}

/** Gives whether anything was wrong. The parts are loaded when they are asked for. */
async function crash(what: Settings["what"], cycles: number, { seed, keep, lanes, liar }: Settings): Promise<boolean> {
  switch (what) {
    case "lives": {
      const { crashLives } = await import("./kill-lives-crash.ts");
      return crashLives({ cycles, seed, keep, lanes, liar });
    }
    case "invoices": {
      const { crashInvoices } = await import("./kill-invoices-crash.ts");
      return crashInvoices(cycles, seed, keep);
    }
    case "jobs": {
      const { crashJobs } = await import("./jobs-crash.ts");
      return crashJobs(cycles, new SeededRandom(seed), keep);
    }
    case "disk-full": {
      const { fillDisks } = await import("./disk-full-crash.ts");
      return fillDisks({ cycles, seed, keep });
    }
    case "power-cut": {
      const { cutPower } = await import("./power-cut.ts");
      return cutPower({ cuts: cycles, seed, keep });
    }
  }
}

const asked = readSettings();
const { what, seed } = asked;
const cycles = asked.cycles ?? DEFAULT_CYCLES[what];
const name = {
  lives: "",
  invoices: " invoices",
  jobs: " jobs",
  "disk-full": " --disk-full",
  "power-cut": " --power-cut",
};
const lanes = what === "lives" ? ` --lanes ${asked.lanes}` : "";
console.log(
  `crash: ${cycles} ${what === "power-cut" ? "power cuts" : "kills"}, seed ${seed} (replay: pnpm crash${name[what]} --cycles ${cycles} --seed ${seed}${lanes})`,
);
process.exitCode = (await crash(what, cycles, asked)) ? 1 : 0;
