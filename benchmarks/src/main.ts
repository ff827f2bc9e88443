/** `pnpm bench`: prints what is measured, and writes it as JSON if asked to. */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";
import { measureLists, measurePublishing } from "./api.ts";
import { measureCommit } from "./commit-cost.ts";
import { measureConsumerRuns } from "./consumer-runs.ts";
import { measureIdle } from "./idle-scheduler.ts";
import { measureLargeSchedule, measureLatency, measureThroughput } from "./jobs.ts";
import { measureRecovery } from "./recovery.ts";

const HELP = `Usage: pnpm bench [-- runs] [-- idle] [-- jobs] [-- api] [-- recovery] [--quick] [--json <file>]

  runs            complete consumer runs over 1, 10 and 100 workflows
  idle            the cost of an idle scheduler with 10, 1,000 and 10,000 workflows
  jobs            jobs taken in and run a second, how late they start, what a schedule of 100,000 costs
  api             events published over HTTP, and the dashboard's lists over 1,000,000 runs
  recovery        how soon an engine works again that was killed with 100,000 pending events
  costs [--large] alone: statements, commits and bytes for a unit of work, and whether they grow with what is stored
  --quick         fewer rounds and a shorter idle time
  --json <file>   write the figures there too
`;

const PARTS = ["runs", "idle", "jobs", "api", "recovery"] as const;

const settings = z.object({
  parts: z
    .array(z.enum(PARTS))
    .transform((parts): readonly (typeof PARTS)[number][] => (parts.length === 0 ? PARTS : parts)),
  quick: z.boolean().default(false),
  json: z.string().optional(),
  help: z.boolean().default(false),
});

/** Runs of one round, by number of workflows: each takes about two seconds. */
const RUNS = { 1: 1_000, 10: 4_000, 100: 8_000 } as const;
const DISPATCH_LOADS = [0, 1_000, 2_000] as const;
const SCHEDULED_JOBS = [100, 100_000] as const;
const CONNECTIONS = [1, 32] as const;
const HISTORY_RUNS = 1_000_000;
const IDLE_WORKFLOWS = [10, 1_000, 10_000] as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: "boolean" }, json: { type: "string" }, help: { type: "boolean" } },
  });
  const { parts, quick, json, help } = settings.parse({ ...values, parts: positionals });
  if (help) return console.log(HELP);
  const [cpu] = cpus();
  const machine = { cpu: cpu?.model ?? "unknown", cores: cpus().length, node: process.version };
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; SQLite file, synchronous=FULL`);
  const commitMs = await measureCommit();
  console.log(`one synced commit: ${commitMs} ms (median)\n`);
  const runs = parts.includes("runs") ? await benchRuns(quick ? 1 : 5) : [];
  const idle = parts.includes("idle") ? await benchIdle(quick ? 5 : 30) : [];
  const jobs = parts.includes("jobs") ? await benchJobs(quick) : null;
  const api = parts.includes("api") ? await benchApi(quick) : null;
  const recovery = parts.includes("recovery") ? await benchRecovery(quick ? 10 : 120) : null;
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ machine, commitMs, runs, idle, jobs, api, recovery }, null, 2)}\n`);
}

async function benchRuns(rounds: number) {
  console.log(`complete consumer runs (prepare, one mutation, next; 1 KB payload; median of ${rounds}):`);
  const results = [];
  for (const [workflows, runs] of Object.entries(RUNS)) {
    const result = await measureConsumerRuns(Number(workflows), runs, rounds);
    results.push(result);
    const { runsPerSecond, commitsPerRun, syncsPerRun, publishesPerSecond } = result;
    console.log(
      `  ${workflows.padStart(4)} workflows  ${String(runsPerSecond).padStart(6)} runs/s  ${commitsPerRun.toFixed(2)} commits and ${syncsPerRun.toFixed(2)} syncs a run  ${String(publishesPerSecond).padStart(6)} publishes/s`,
    );
  }
  return results;
}

async function benchIdle(seconds: number) {
  console.log(`\nidle scheduler (measured for ${seconds} s, given for a minute):`);
  const results = [];
  for (const workflows of IDLE_WORKFLOWS) {
    const result = await measureIdle(workflows, seconds);
    results.push(result);
    const { cpuMsPerMinute, wakeUps, startUpMs, rssMegabytes } = result;
    console.log(
      `  ${String(workflows).padStart(6)} workflows  ${cpuMsPerMinute.toFixed(1).padStart(6)} ms CPU a minute  ${wakeUps} wake-ups  start-up ${startUpMs} ms  ${rssMegabytes} MB`,
    );
  }
  return results;
}

async function benchJobs(quick: boolean) {
  console.log(`\njobs (trivial functions, history kept):`);
  const throughput = await measureThroughput(quick ? 5_000 : 20_000, quick ? 1 : 5);
  console.log(
    `  ${throughput.enqueuedPerSecond} enqueued/s by ${throughput.callers} callers, ${throughput.executedPerSecond} executed/s, ${throughput.commitsPerExecution} commits an execution (median of ${throughput.rounds})`,
  );
  const latencies = [];
  for (const load of DISPATCH_LOADS) {
    const latency = await measureLatency(quick ? 200 : 1_000, load);
    latencies.push(latency);
    console.log(
      `  due to started beside ${String(load).padStart(5)} other jobs a second: p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms (${latency.probes} probes)`,
    );
  }
  const schedules = [];
  for (const scheduled of SCHEDULED_JOBS) {
    const schedule = await measureLargeSchedule(scheduled, quick ? 5 : 20);
    schedules.push(schedule);
    console.log(
      `  ${schedule.due} due among ${String(scheduled).padStart(7)} scheduled: ${schedule.wallMs} ms, ${schedule.cpuMs} ms CPU; start-up ${schedule.startUpMs} ms`,
    );
  }
  return { throughput, latencies, schedules };
}

async function benchApi(quick: boolean) {
  console.log(`\npublishing over HTTP (1 KB payload, acknowledged when durable):`);
  const publishing = [];
  for (const connections of CONNECTIONS) {
    const result = await measurePublishing(connections, quick ? 3 : 10);
    publishing.push(result);
    const { requestsPerSecond, p50Ms, p99Ms } = result;
    console.log(
      `  ${String(connections).padStart(3)} connections  ${String(requestsPerSecond).padStart(6)} requests/s  p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
    );
  }
  const runs = quick ? HISTORY_RUNS / 10 : HISTORY_RUNS;
  console.log(`\nlists over ${runs.toLocaleString("en")} runs, and as many inputs, events and outputs:`);
  const lists = await measureLists(runs, quick ? 50 : 200);
  for (const { list, items, p50Ms, p95Ms } of lists)
    console.log(`  ${list.padEnd(34)} ${String(items).padStart(4)} items  p50 ${p50Ms} ms, p95 ${p95Ms} ms`);
  return { publishing, runs, lists };
}

async function benchRecovery(kills: number) {
  console.log(`\nrecovery after a kill at work, with 100,000 pending events:`);
  const result = await measureRecovery(kills);
  const { killsDuringStart, pendingEvents, crashedRuns, uncertainMutations, targetMs, passed } = result;
  console.log(
    `  ${kills} kills at work, ${killsDuringStart} while starting; found ${crashedRuns} runs under way, ${uncertainMutations} calls of unknown outcome, at least ${pendingEvents} pending events`,
  );
  const spreads = {
    "opening the database": result.open,
    "engine.start()": result.start,
    "process to started": result.untilStarted,
    "process to first call": result.untilFirstCall,
    "process to first committed run": result.untilFirstCommit,
  };
  for (const [what, { p50Ms, p99Ms, maxMs }] of Object.entries(spreads))
    console.log(`  ${what.padEnd(30)}  p50 ${p50Ms} ms, p99 ${p99Ms} ms, max ${maxMs} ms`);
  console.log(`  ${passed ? "passed" : "FAILED"}: p99 to the first committed run is to be below ${targetMs} ms`);
  return result;
}

await main();
