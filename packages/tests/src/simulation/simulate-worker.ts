/** A process that runs the worlds it is told to: it is sent a range of seeds, and answers with what came of them. */
import { z } from "zod";
import { Tally } from "./history.ts";
import { runWorld } from "./simulation.ts";
import { drawWorld } from "./draw-world.ts";

const order = z.object({ from: z.number().int(), count: z.number().int().min(1) });

/** What a worker answers. */
export interface WorkerReport {
  worlds: number;
  counts: Record<string, number>;
  failures: { seed: number; violations: string[] }[];
}

process.on("message", (message) => {
  const { from, count } = order.parse(message);
  void runRange(from, count).then((report) => process.send?.(report));
});

async function runRange(from: number, count: number): Promise<WorkerReport> {
  const tally = new Tally();
  const failures: WorkerReport["failures"] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const { violations, counts } = await runWorld(drawWorld(seed));
    tally.merge(counts);
    if (violations.length > 0) failures.push({ seed, violations });
  }
  return { worlds: count, counts: tally.counts, failures };
}
