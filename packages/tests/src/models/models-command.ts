/**
 * `pnpm models`: runs sequences of commands against the stores and the execution model, and against the models of them.
 * The same seed gives the same sequences. A disagreement is printed with what replays it, and ends the command with 1.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { MODELS } from "./models.ts";
import type { Model } from "./run-model.ts";

const settings = z.object({
  sequences: z.coerce.number().int().min(1).default(10_000),
  seed: z.coerce
    .number()
    .int()
    .default(() => Math.floor(Math.random() * 2 ** 31)),
  model: z.string().optional(),
  path: z.string().optional(),
  replayPath: z.string().optional(),
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sequences: { type: "string" },
      seed: { type: "string" },
      model: { type: "string" },
      path: { type: "string" },
      "replay-path": { type: "string" },
    },
  });
  const { sequences, seed, model, ...place } = settings.parse({ ...values, replayPath: values["replay-path"] });
  const models: Model[] = Object.values(MODELS).filter(({ name }) => model === undefined || name === model);
  if (models.length === 0) throw new Error(`There is no model "${model ?? ""}".`);
  print(`models: ${sequences} sequences, seed ${seed} (again: --sequences ${sequences} --seed ${seed})\n`);
  const begun = performance.now();
  const each = Math.ceil(sequences / models.length);
  const totals = { sequences: 0, steps: 0, disagreements: 0 };
  for (const one of models) {
    const result = await one.run({ sequences: each, seed, ...place });
    totals.sequences += result.sequences;
    totals.steps += result.steps;
    print(`${one.name.padEnd(44)}${String(result.sequences).padStart(8)} sequences${column(result.steps)} commands`);
    if (result.disagreement === null) continue;
    totals.disagreements += 1;
    print(`\n${result.disagreement}\n`);
  }
  const seconds = (performance.now() - begun) / 1_000;
  print(`\nsequences      ${totals.sequences}`);
  print(`commands       ${totals.steps}`);
  print(`disagreements  ${totals.disagreements}`);
  print(`time           ${seconds.toFixed(1)} s`);
  return totals.disagreements === 0 ? 0 : 1;
}

const column = (value: number) => String(value).padStart(10);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
