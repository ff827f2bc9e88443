/** The comparison with peers as it stands in the README, from its stored result. */
import { existsSync, readFileSync } from "node:fs";
import { cellsOf, COLUMNS } from "./result-table.ts";
import { comparisonSchema } from "./result-schema.ts";

const RESULTS = new URL("../../results/peers.json", import.meta.url);

/** Lines of Markdown; none where nothing was measured yet. */
export function comparisonLines(): string[] {
  if (!existsSync(RESULTS)) return [];
  const { machine, commitMs, rounds, works } = comparisonSchema.parse(JSON.parse(readFileSync(RESULTS, "utf8")));
  const { cpu, cores, memoryGigabytes, system, node } = machine;
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    "",
    `Beside peers (\`pnpm bench:peers\`), all in one run on one machine: ${cores} cores (${cpu}), ${memoryGigabytes} GB, ${system}, Node ${node}; one synced commit took ${commitMs} ms. Medians of ${rounds}; in each round every contestant ran once, in a process of its own. What is measured how, and with which settings: [specs/done/benchmarks.md](specs/done/benchmarks.md).`,
    "",
    row(COLUMNS),
    row(COLUMNS.map(() => "---")),
    ...cellsOf(works).map(row),
  ];
}
