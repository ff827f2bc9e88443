/** Writes the figures of `benchmarks/results` into the README, so that it says nothing that was not printed. */
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { comparisonLines } from "./peers/readme-table.ts";

const README = new URL("../../README.md", import.meta.url);
const FIGURES = new URL("../results/first.json", import.meta.url);
const JOB_FIGURES = new URL("../results/jobs.json", import.meta.url);
const API_FIGURES = new URL("../results/api.json", import.meta.url);
const BEGIN = "<!-- figures: begin (pnpm bench:readme) -->";
const END = "<!-- figures: end -->";

const figures = z.object({
  machine: z.object({ cpu: z.string(), cores: z.number(), node: z.string() }),
  commitMs: z.number(),
  runs: z.array(
    z.object({ workflows: z.number(), runsPerSecond: z.number(), commitsPerRun: z.number(), syncsPerRun: z.number() }),
  ),
  idle: z.array(z.object({ workflows: z.number(), cpuMsPerMinute: z.number(), wakeUps: z.number() })),
});

const jobFigures = z.object({
  commitMs: z.number(),
  jobs: z.object({
    throughput: z.object({ enqueuedPerSecond: z.number(), executedPerSecond: z.number() }),
    latencies: z.array(z.object({ loadPerSecond: z.number(), p50Ms: z.number(), p99Ms: z.number() })),
    schedules: z.array(z.object({ scheduled: z.number(), due: z.number(), wallMs: z.number(), cpuMs: z.number() })),
  }),
});

const apiFigures = z.object({
  commitMs: z.number(),
  api: z.object({
    publishing: z.array(
      z.object({ connections: z.number(), requestsPerSecond: z.number(), p50Ms: z.number(), p99Ms: z.number() }),
    ),
    runs: z.number(),
    lists: z.array(z.object({ list: z.string(), p50Ms: z.number(), p95Ms: z.number() })).min(1),
  }),
});

const { api, commitMs: apiCommitMs } = apiFigures.parse(JSON.parse(readFileSync(API_FIGURES, "utf8")));
const { jobs, commitMs: jobsCommitMs } = jobFigures.parse(JSON.parse(readFileSync(JOB_FIGURES, "utf8")));
const { machine, commitMs, runs, idle } = figures.parse(JSON.parse(readFileSync(FIGURES, "utf8")));
const slowestFirst = api.lists.toSorted((a, b) => b.p95Ms - a.p95Ms);
const number = (value: number) => value.toLocaleString("en");
const lines = [
  `On ${machine.cores} cores (${machine.cpu}), Node ${machine.node}; one synced commit takes ${commitMs} ms here.`,
  "",
  "| workflows | complete runs a second | commits a run | of them synced |",
  "| --- | --- | --- | --- |",
  ...runs.map(
    ({ workflows, runsPerSecond, commitsPerRun, syncsPerRun }) =>
      `| ${number(workflows)} | ${number(runsPerSecond)} | ${commitsPerRun} | ${syncsPerRun} |`,
  ),
  "",
  "| workflows, all idle | processor time a minute | wake-ups |",
  "| --- | --- | --- |",
  ...idle.map(
    ({ workflows, cpuMsPerMinute, wakeUps }) => `| ${number(workflows)} | ${cpuMsPerMinute} ms | ${wakeUps} |`,
  ),
  "",
  `Jobs (\`pnpm bench jobs\`; one synced commit took ${jobsCommitMs} ms in that run):`,
  "",
  "| jobs (trivial functions, history kept) | |",
  "| --- | --- |",
  `| acknowledged as durable, 100 callers | ${number(jobs.throughput.enqueuedPerSecond)} a second |`,
  `| executed, each success on disk | ${number(jobs.throughput.executedPerSecond)} a second |`,
  ...jobs.latencies.map(
    ({ loadPerSecond, p50Ms, p99Ms }) =>
      `| due to started, beside ${number(loadPerSecond)} other jobs a second | p50 ${p50Ms} ms, p99 ${p99Ms} ms |`,
  ),
  ...jobs.schedules.map(
    ({ scheduled, due, wallMs, cpuMs }) =>
      `| ${due} due among ${number(scheduled)} scheduled | ${wallMs} ms, ${cpuMs} ms of processor time |`,
  ),
  "",
  `The HTTP API (\`pnpm bench api\`; one synced commit took ${apiCommitMs} ms in that run):`,
  "",
  "| events of 1 KB published and acknowledged as durable | |",
  "| --- | --- |",
  ...api.publishing.map(
    ({ connections, requestsPerSecond, p50Ms, p99Ms }) =>
      `| ${connections} ${connections === 1 ? "connection" : "connections"} | ${number(requestsPerSecond)} a second, p50 ${p50Ms} ms, p99 ${p99Ms} ms |`,
  ),
  "",
  `| the slowest of ${api.lists.length} lists over ${number(api.runs)} runs | |`,
  "| --- | --- |",
  ...slowestFirst.slice(0, 5).map(({ list, p50Ms, p95Ms }) => `| ${list} | p50 ${p50Ms} ms, p95 ${p95Ms} ms |`),
  ...comparisonLines(),
];

const readme = readFileSync(README, "utf8");
const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`README.md lacks the lines ${BEGIN} and ${END}.`);
writeFileSync(README, `${readme.slice(0, begin + BEGIN.length)}\n\n${lines.join("\n")}\n\n${readme.slice(end)}`);
