/**
 * What must not grow in a soak, however long it goes on. Each bound compares like with like: samples of engines that were
 * stopped, or of the one that goes on.
 */
import type { SoakSample } from "./soak-run.ts";

const MEBIBYTE = 1024 * 1024;

/** What the first samples have that is not there yet: compiled code, caches that fill once. */
const WARM_UP = 2;
/** By what the heap may grow: compiled code, in the first half of the day; later only the noise of collections. */
const HEAP_SLACK_BYTES = { restarted: 2 * MEBIBYTE, running: MEBIBYTE / 2 };
/** The last may still be on the stack of whoever stopped it. */
const LEFT_ENGINES = 1;
/** As many elements of a collection more or less are the chance of the moment. */
const HELD_SLACK = 40;
const DESCRIPTOR_SLACK = 2;
const TIMER_SLACK = 5;
/** The log's own bound, and a commit that goes beyond it. */
const LARGEST_WAL_BYTES = 25 * MEBIBYTE;
/** All that is kept of a run: its rows, events, inputs, logs and their indexes. */
const LARGEST_BYTES_PER_RUN = 12 * 1024;
/** By how much the file may grow faster in the end than in the beginning. */
const GROWTH_FACTOR = 1.5;

/** Tables that retention keeps from growing. */
const RETAINED = ["job_executions", "job_execution_logs", "scheduled_jobs"];
const RETAINED_FACTOR = 1.5;
/** In so many hours the oldest of it is due to go. */
const RETENTION_HOURS = 6;

/** What grew that must not, in sentences; an empty list when all stayed within its bounds. */
export function findGrowth(samples: readonly SoakSample[]): string[] {
  const restarted = samples.filter(({ state }) => state === "restarted");
  const running = samples.filter(({ state }) => state === "running");
  return [
    ...restarted
      .filter(({ timers }) => timers > 0)
      .map(({ hour, timers }) => `After hour ${hour} a stopped engine has left ${timers} timers.`),
    ...samples
      .filter(({ leftEngines }) => leftEngines > LEFT_ENGINES)
      .map(({ hour, leftEngines }) => `After hour ${hour} ${leftEngines} stopped engines are still in memory.`),
    ...growthOf(restarted, "heap bytes", ({ heapBytes }) => heapBytes, HEAP_SLACK_BYTES.restarted),
    ...growthOf(running, "heap bytes", ({ heapBytes }) => heapBytes, HEAP_SLACK_BYTES.running),
    ...[restarted, running].flatMap((series) => [
      ...growthOf(series, "open files", ({ descriptors }) => descriptors ?? 0, DESCRIPTOR_SLACK),
      ...growthOf(series, "timers", ({ timers }) => timers, TIMER_SLACK),
      ...collectionsOf(series).flatMap((path) =>
        growthOf(series, `elements of ${path}`, ({ held }) => held[path] ?? 0, HELD_SLACK),
      ),
    ]),
    ...logFaults(samples),
    ...fileFaults(samples),
    ...RETAINED.flatMap((table) => retentionFaults(samples, table)),
  ];
}

/** Compares the last third with the first: growth is when all of the last are beyond all of the first. */
function growthOf(
  series: readonly SoakSample[],
  what: string,
  measure: (sample: SoakSample) => number,
  slack: number,
): string[] {
  const values = series.slice(WARM_UP).map(measure);
  const third = Math.floor(values.length / 3);
  if (third === 0) return [];
  const before = Math.max(...values.slice(0, third));
  const after = Math.min(...values.slice(-third));
  if (after <= before + slack) return [];
  const state = series[0]?.state === "running" ? "of an engine that goes on" : "of engines that were stopped";
  return [`The ${what} ${state} grew from at most ${before} to at least ${after}.`];
}

function collectionsOf(series: readonly SoakSample[]): string[] {
  return [...new Set(series.flatMap(({ held }) => Object.keys(held)))];
}

/** While somebody reads, the log can't be begun anew; afterwards it is cut back. */
function logFaults(samples: readonly SoakSample[]): string[] {
  return samples
    .filter(({ hasReader, walBytes }) => !hasReader && walBytes > LARGEST_WAL_BYTES)
    .map(({ hour, walBytes }) => `After hour ${hour} the log has ${walBytes} bytes.`);
}

function fileFaults(samples: readonly SoakSample[]): string[] {
  const first = samples[0];
  const middle = samples[Math.floor((samples.length - 1) / 2)];
  const last = samples.at(-1);
  if (!first || !middle || !last || middle === first) return [];
  const faults: string[] = [];
  const perRun = bytesPerRun(first, last);
  if (perRun > LARGEST_BYTES_PER_RUN) faults.push(`The file has ${Math.round(perRun)} bytes for each run.`);
  const [before, after] = [bytesPerRun(first, middle), bytesPerRun(middle, last)];
  if (after > before * GROWTH_FACTOR)
    faults.push(`The file grew by ${Math.round(before)} bytes a run at first, by ${Math.round(after)} in the end.`);
  return faults;
}

/** By how much the file grew for each run between two samples, in bytes. */
export function bytesPerRun(from: SoakSample, to: SoakSample): number {
  const used = ({ fileBytes, freeBytes }: SoakSample) => fileBytes - freeBytes;
  return (used(to) - used(from)) / Math.max(1, to.runs - from.runs);
}

function retentionFaults(samples: readonly SoakSample[], table: string): string[] {
  const counts = samples.slice(RETENTION_HOURS).map(({ rows }) => rows[table] ?? 0);
  const half = Math.floor(counts.length / 2);
  if (half === 0) return [];
  const [before, after] = [Math.max(...counts.slice(0, half)), Math.max(...counts.slice(half))];
  return after > before * RETAINED_FACTOR ? [`Table ${table} grew from ${before} to ${after} rows.`] : [];
}
