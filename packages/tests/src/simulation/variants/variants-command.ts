/**
 * `pnpm variants [--seeds 400] [--only <name>]`: runs the simulation with deliberately broken variants of the engine, each
 * from the first seed on until a rule is broken, and says which rule caught it. A variant that survives is a hole in
 * the rules. The unbroken engine runs the same worlds as a control.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { findVariant, variants } from "./all-variants.ts";
import { runVariant, type Catch } from "./run-variant.ts";
import { checkEdits, type Variant } from "./variant.ts";

const AT_ONCE = 2;

const print = (line: string) => process.stdout.write(`${line}\n`);

const settings = z.object({
  seeds: z.coerce.number().int().min(1).default(400),
  only: z.string().optional(),
});

interface Verdict {
  variant: Variant;
  caught: Catch | null;
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { seeds, only } = settings.parse(parseArgs({ options: { seeds: text, only: text } }).values);
  const chosen = only === undefined ? variants : [findVariant(only)];
  for (const variant of chosen) checkEdits(variant);
  print(`variants: ${chosen.length} broken engines, each in up to ${seeds} worlds, ${AT_ONCE} at once\n`);
  const verdicts = await examineAll(chosen, seeds);
  const reached = Math.max(...verdicts.map(({ caught }) => caught?.seed ?? seeds));
  const broken = await runControl(reached);
  for (const { seed, violations } of broken) {
    print(`! the unbroken engine breaks a rule too, at seed ${seed}: ${violations[0] ?? ""}`);
  }
  print(`\ncontrol: the unbroken engine, ${reached} worlds, violations in ${broken.length}`);
  const count = verdicts.filter(({ caught }) => caught !== null).length;
  print(`${verdicts.length} variants, ${count} caught`);
  return count === verdicts.length && broken.length === 0 ? 0 : 1;
}

async function examineAll(chosen: readonly Variant[], seeds: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const left = [...chosen];
  const work = async () => {
    for (let variant = left.shift(); variant; variant = left.shift()) {
      const [caught = null] = await runVariant(variant.name, { from: 1, seeds });
      verdicts.push({ variant, caught });
      print(describe(variant, caught));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return verdicts;
}

/** The worlds of a range in which the unbroken engine breaks a rule. */
async function runControl(seeds: number): Promise<Catch[]> {
  const half = Math.ceil(seeds / 2);
  const parts = [
    { from: 1, seeds: half },
    { from: half + 1, seeds: seeds - half },
  ];
  return (await Promise.all(parts.map((part) => runVariant("none", part)))).flat();
}

function describe({ name }: Variant, caught: Catch | null): string {
  const left = name.padEnd(42);
  if (caught === null) return `${left} SURVIVES`;
  return `${left} seed ${String(caught.seed).padStart(3)}  ${ruleOf(caught)}`;
}

/** What was broken, without the rows that show it. */
function ruleOf({ violations: [first = ""] }: Catch): string {
  const [line = ""] = first.split("\n");
  const rule = line.replace(/^on the disk of a dead process, /, "");
  // What follows the colon are the rows that show it; for an error it is the error.
  return (rule.startsWith("it does not break") ? rule : rule.replace(/: .*$/, "")).slice(0, 110);
}

process.exitCode = await main();
