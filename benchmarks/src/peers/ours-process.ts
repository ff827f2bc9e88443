/** One measurement of ours, in a process of its own: the options name it. */
import { z } from "zod";
import { readOptions, report } from "./contestant.ts";
import { measureLargeIdle, prepareIdle } from "./ours/idle.ts";
import { measureAdding, measureJobLatency, measureJobs } from "./ours/jobs.ts";
import { measureLongData, measureLongLists, prepareLongData } from "./ours/long-data.ts";
import { measurePublishAndRun, measurePublishing, measureRunLatency, measureRuns } from "./ours/runs.ts";

const number = z.number().default(0);
const options = readOptions({
  measure: z.enum([
    "runs",
    "publish-and-run",
    "run-latency",
    "publishing",
    "jobs",
    "adding",
    "job-latency",
    "prepare-idle",
    "idle",
    "prepare-long-data",
    "long-data",
    "long-lists",
  ]),
  units: number,
  callers: number,
  workflows: number,
  jobs: number,
  seconds: number,
  pending: number,
  history: number,
});

const measures = {
  runs: measureRuns,
  "publish-and-run": measurePublishAndRun,
  "run-latency": measureRunLatency,
  publishing: measurePublishing,
  jobs: measureJobs,
  adding: measureAdding,
  "job-latency": measureJobLatency,
  "prepare-idle": prepareIdle,
  idle: measureLargeIdle,
  "prepare-long-data": prepareLongData,
  "long-data": measureLongData,
  "long-lists": measureLongLists,
};

await report(await measures[options.measure](options));
