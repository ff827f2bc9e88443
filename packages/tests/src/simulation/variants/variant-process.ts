/**
 * Runs worlds with a broken engine, or with the unbroken one, and tells each as a line of JSON:
 * `variant-process.ts <name of a variant, or "none"> <first seed> <count>`. The unbroken engine runs all of them, a
 * broken one up to the first world that it breaks.
 */
import { z } from "zod";
import { findVariant } from "./all-variants.ts";
import { breakEngine } from "./variant-hook.ts";

const given = z.tuple([z.string(), z.coerce.number().int(), z.coerce.number().int()]);
const [name, from, count] = given.parse(process.argv.slice(2));

const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const variant = name === "none" ? null : findVariant(name);
const unloaded = variant ? breakEngine(variant) : () => [];
// Only now, so that the engine is loaded with what is replaced in it.
const { runWorld } = await import("../simulation.ts");
const { drawWorld } = await import("../draw-world.ts");
const missing = unloaded();
if (missing.length > 0) throw new Error(`variant "${name}" edits what a world does not load: ${missing.join(", ")}`);
tell({ loaded: true });
for (let seed = from; seed < from + count; seed += 1) {
  tell({ begun: seed });
  const { violations } = await runWorld(drawWorld(seed));
  tell({ seed, violations });
  if (violations.length > 0 && variant) break;
}
