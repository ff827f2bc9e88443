/**
 * `pnpm soak`: simulated hours of a busy world on a real file. Prints what there is at the end of each hour, and what grew
 * that must not; then it ends with 1.
 */
import { parseArgs } from "node:util";
import { bytesPerRun, findGrowth } from "./soak-bounds.ts";
import { soak } from "./soak-child.ts";
import type { SoakSample } from "./soak-run.ts";

const HELP = `Usage: pnpm soak [--hours 24] [--seed 1] [--restarted-hours n]
  --hours            how many simulated hours
  --seed             decides all that happens
  --restarted-hours  in how many of them the engine is stopped and started at the end (default: the first two thirds)`;

const COLUMNS = [
  ["hour", ({ hour }) => String(hour)],
  ["     state     ", ({ state, hasReader }) => `${state}${hasReader ? ", read" : ""}`],
  ["runs", ({ runs }) => String(runs)],
  ["rows", ({ rows }) => String(Object.values(rows).reduce((sum, count) => sum + count, 0))],
  ["job executions", ({ rows }) => String(rows["job_executions"] ?? 0)],
  ["file MiB", ({ fileBytes }) => inMebibytes(fileBytes)],
  ["free MiB", ({ freeBytes }) => inMebibytes(freeBytes)],
  ["log MiB", ({ walBytes }) => inMebibytes(walBytes)],
  ["heap MiB", ({ heapBytes }) => inMebibytes(heapBytes)],
  ["files", ({ descriptors }) => String(descriptors ?? "-")],
  ["timers", ({ timers }) => String(timers)],
] as const satisfies readonly (readonly [string, (sample: SoakSample) => string])[];

function inMebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(2);
}

const write = (line: string) => void process.stdout.write(`${line}\n`);

function writeSample(sample: SoakSample): void {
  write(COLUMNS.map(([title, show]) => show(sample).padStart(title.length + 2)).join(""));
}

/** @throws Error for anything else */
function readCount(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} is a whole number, not "${text}".\n${HELP}`);
  return Number(text);
}

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "24" },
    seed: { type: "string", default: "1" },
    "restarted-hours": { type: "string" },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    write(HELP);
    return 0;
  }
  const hours = readCount(values.hours, "hours");
  const seed = readCount(values.seed, "seed");
  const restarted = values["restarted-hours"];
  const restartedHours = restarted === undefined ? Math.ceil((hours * 2) / 3) : readCount(restarted, "restarted-hours");
  const samples: SoakSample[] = [];
  write(COLUMNS.map(([title]) => title.padStart(title.length + 2)).join(""));
  await soak({ hours, seed, restartedHours }, (sample) => {
    samples.push(sample);
    writeSample(sample);
  });
  const [first, last] = [samples[0], samples.at(-1)];
  if (first && last && first !== last) {
    write(`\n${Math.round(bytesPerRun(first, last))} bytes of the file for each run.`);
    write(
      `Rows: ${Object.entries(last.rows)
        .map(([table, count]) => `${table} ${count}`)
        .join(", ")}.`,
    );
  }
  const faults = findGrowth(samples);
  for (const fault of faults) write(fault);
  write(faults.length === 0 ? "Nothing grew that must not." : `${faults.length} things grew that must not.`);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
