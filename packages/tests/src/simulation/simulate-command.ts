/**
 * `pnpm simulate [--seeds 1000] [--from <seed>]`: runs so many worlds and says what happened in them;
 * `pnpm simulate --seed <seed>` shows the history of one. specs/done/proof.md says what a world is.
 */
import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { crashCoverage, formatCoverage, uncovered } from "./crash-coverage.ts";
import { Tally } from "./history.ts";
import { shrinkWorld } from "./shrink.ts";
import type { WorkerReport } from "./simulate-worker.ts";
import { runWorld } from "./simulation.ts";
import { drawWorld } from "./draw-world.ts";

const WORKER = fileURLToPath(new URL("simulate-worker.ts", import.meta.url));
/** How many worlds a worker is given at once. */
const RANGE = 25;
const MAX_SHRUNK = 3;

const whole = z.coerce.number().int().min(0);
const settings = z.object({
  seeds: whole.min(1).default(1_000),
  from: whole.max(2 ** 31).default(() => Math.floor(Math.random() * 2 ** 30)),
  workers: whole.min(1).default(availableParallelism()),
  seed: whole.optional(),
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { seeds: text, from: text, workers: text, seed: text } });
  const { seeds, from, workers, seed } = settings.parse(values);
  if (seed !== undefined) return showWorld(seed);
  print(`simulate: ${seeds} worlds, seeds ${from} to ${from + seeds - 1}, ${workers} at once`);
  const tally = new Tally();
  const failures: WorkerReport["failures"] = [];
  const started = performance.now();
  await runAll({ from, seeds, workers }, (report, done) => {
    tally.merge(report.counts);
    failures.push(...report.failures);
    for (const { seed: failed, violations } of report.failures) print(`! seed ${failed}: ${violations[0] ?? ""}`);
    if (done % 1_000 < RANGE) print(`  ${done} worlds, violations in ${failures.length}`);
  });
  const seconds = (performance.now() - started) / 1_000;
  printTally(tally);
  const rows = crashCoverage(tally.counts);
  print(`\ncrashes by transaction and moment\n${formatCoverage(rows)}`);
  const missing = uncovered(rows);
  print(`\nboundaries without a crash ${missing.length}${missing.length > 0 ? `: ${missing.join(", ")}` : ""}`);
  print(`time                       ${seconds.toFixed(0)} s, ${(seeds / seconds).toFixed(1)} worlds/s`);
  print(`violations                 ${failures.length}`);
  for (const failure of failures.slice(0, MAX_SHRUNK)) await explain(failure);
  return failures.length === 0 ? 0 : 1;
}

/** Shows a world from its first line to its last. */
async function showWorld(seed: number): Promise<number> {
  const result = await runWorld(drawWorld(seed), { onLine: print });
  print(`digest ${result.digest}`);
  return result.violations.length === 0 ? 0 : 1;
}

async function explain({ seed, violations }: WorkerReport["failures"][number]): Promise<void> {
  print(`\nseed ${seed} (again: pnpm simulate --seed ${seed})`);
  for (const violation of violations) print(`  ${violation}`);
  const { plan, violations: left, tried } = await shrinkWorld(drawWorld(seed), violations);
  print(`made smaller in ${tried} worlds: ${JSON.stringify(plan)}`);
  for (const violation of left) print(`  ${violation}`);
}

interface Range {
  from: number;
  seeds: number;
  workers: number;
}

/** Lets several processes run the worlds of a range, a few at a time each. */
async function runAll(
  { from, seeds, workers }: Range,
  onReport: (report: WorkerReport, done: number) => void,
): Promise<void> {
  let next = from;
  let done = 0;
  const run = (worker: ChildProcess) =>
    new Promise<void>((resolve, reject) => {
      const give = () => {
        const count = Math.min(RANGE, from + seeds - next);
        if (count <= 0) {
          worker.disconnect();
          return resolve();
        }
        worker.send({ from: next, count });
        next += count;
        return undefined;
      };
      worker.on("message", (message) => {
        // Only our own worker speaks on this channel.
        const report = message as WorkerReport;
        done += report.worlds;
        onReport(report, done);
        give();
      });
      worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      give();
    });
  await Promise.all(Array.from({ length: workers }, () => run(fork(WORKER, { execArgv: process.execArgv }))));
}

function printTally(tally: Tally): void {
  const count = (name: string) => tally.counts[name] ?? 0;
  const list = (group: string) =>
    tally
      .group(group)
      .map(([name, number]) => `${name} ${number}`)
      .join(", ");
  const onFiles = count("world on a file");
  print(`\nworlds                     ${count("world in memory") + onFiles}, of them on files ${onFiles}`);
  print(`steps                      ${count("step")}`);
  print(`processes                  ${count("life")}, stopped in order ${count("stop in order")}`);
  print(`crashes                    ${count("crash kill") + count("crash power cut")}`);
  print(`  of them power cuts       ${count("crash power cut")}`);
  print(`commits refused            ${count("storage fault commit refused")}`);
  print(`clock set                  ${list("clock")}`);
  print(`calls                      ${tally.sum("call")}: ${list("call")}`);
  print(`answers when asked         ${tally.sum("answer")}: ${list("answer")}`);
  print(`mutations by status        ${list("mutation")}`);
  print(`runs by status             ${list("run")}`);
  print(`job attempts               ${tally.sum("job")}: ${list("job")}`);
  print(`decisions of people        ${list("people")}`);
  print(`effects                    ${count("effect")}`);
  print(`acknowledged events        ${count("acknowledged")}`);
}

process.exitCode = await main();
