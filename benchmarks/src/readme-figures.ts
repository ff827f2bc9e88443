/** Writes the figures of `benchmarks/results/first.json` into the README, so that it says nothing that was not printed. */
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

const README = new URL("../../README.md", import.meta.url);
const FIGURES = new URL("../results/first.json", import.meta.url);
const BEGIN = "<!-- figures: begin (pnpm bench:readme) -->";
const END = "<!-- figures: end -->";

const figures = z.object({
  machine: z.object({ cpu: z.string(), cores: z.number(), node: z.string() }),
  commitMs: z.number(),
  runs: z.array(z.object({ workflows: z.number(), runsPerSecond: z.number(), commitsPerRun: z.number() })),
  idle: z.array(z.object({ workflows: z.number(), cpuMsPerMinute: z.number(), wakeUps: z.number() })),
});

const { machine, commitMs, runs, idle } = figures.parse(JSON.parse(readFileSync(FIGURES, "utf8")));
const number = (value: number) => value.toLocaleString("en");
const lines = [
  `On ${machine.cores} cores (${machine.cpu}), Node ${machine.node}; one synced commit takes ${commitMs} ms here.`,
  "",
  "| workflows | complete runs a second | commits (syncs) a run |",
  "| --- | --- | --- |",
  ...runs.map(
    ({ workflows, runsPerSecond, commitsPerRun }) =>
      `| ${number(workflows)} | ${number(runsPerSecond)} | ${commitsPerRun} |`,
  ),
  "",
  "| workflows, all idle | processor time a minute | wake-ups |",
  "| --- | --- | --- |",
  ...idle.map(
    ({ workflows, cpuMsPerMinute, wakeUps }) => `| ${number(workflows)} | ${cpuMsPerMinute} ms | ${wakeUps} |`,
  ),
];

const readme = readFileSync(README, "utf8");
const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`README.md lacks the lines ${BEGIN} and ${END}.`);
writeFileSync(README, `${readme.slice(0, begin + BEGIN.length)}\n\n${lines.join("\n")}\n\n${readme.slice(end)}`);
