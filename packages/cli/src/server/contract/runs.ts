/** Runs of handlers: phases, attempts, logs, and replaying one. */
import { HANDLER_TYPES, MUTATION_STATUSES, RUN_PHASES, RUN_STATUSES } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { eventSummary, inputSummary, logLine, output, runSummary } from "./shapes.ts";
import {
  evidence,
  id,
  json,
  logQuery,
  name,
  pageQuery,
  searchPage,
  spanQuery,
  text,
  time,
  wordList,
} from "./values.ts";

const tag = "runs";
const params = z.strictObject({ run: id });
const replayPoint = z.enum(["preparing", "emitting", "executing"]);

export const listRuns = defineOperation({
  id: "listRuns",
  method: "get",
  path: "/api/runs",
  tag,
  summary: "Runs, newest first",
  access: "viewer",
  query: z.strictObject({
    ...pageQuery,
    ...spanQuery,
    workflow: name.optional(),
    handler: name.optional(),
    handlerType: z.enum(HANDLER_TYPES).optional(),
    status: wordList(RUN_STATUSES).optional(),
    text: text.optional(),
  }),
  response: searchPage(runSummary),
});

export const showRun = defineOperation({
  id: "showRun",
  method: "get",
  path: "/api/runs/{run}",
  tag,
  summary: "A run with its phases, attempts, reservations, data and log",
  access: "viewer",
  params,
  response: z
    .object({
      run: runSummary.extend({
        version: z.string(),
        prepareResult: json.nullable(),
        inputState: json.nullable(),
        outputState: json.nullable(),
      }),
      /** The phases it went through, in order, as far as their times are known. */
      phases: z.array(
        z.object({
          phase: z.enum(RUN_PHASES),
          state: z.enum(["done", "current", "stopped", "ahead"]),
          enteredAt: time.nullable(),
          leftAt: time.nullable(),
        }),
      ),
      /** The whole chain of retries that it belongs to, in order. */
      attempts: z.array(runSummary),
      output: output.nullable(),
      /** What it reserved. */
      reserved: z.array(eventSummary),
      /** What it published. */
      published: z.array(eventSummary),
      /** The inputs behind it. */
      inputs: z.array(inputSummary),
      logs: z.array(logLine),
      replayFrom: z.array(replayPoint),
    })
    .meta({ id: "RunDetails" }),
});

export const listRunLogs = defineOperation({
  id: "listRunLogs",
  method: "get",
  path: "/api/runs/{run}/logs",
  tag,
  summary: "Log lines of a run, in order",
  access: "viewer",
  params,
  query: logQuery,
  response: z.object({ items: z.array(logLine) }),
});

export const planReplay = defineOperation({
  id: "planReplay",
  method: "get",
  path: "/api/runs/{run}/replay",
  tag,
  summary: "What replaying a run would do, and which effects it would repeat",
  access: "viewer",
  params,
  query: z.strictObject({ from: replayPoint }),
  response: z
    .object({
      run: runSummary,
      from: replayPoint,
      /** What would happen, in words. */
      description: z.string(),
      /** Why it can't be replayed now; empty where it can. */
      refusals: z.array(z.string()),
      events: z.array(eventSummary),
      effects: z.array(
        z.object({
          outputId: id,
          title: z.string(),
          connector: z.string(),
          operation: z.string(),
          status: z.enum(MUTATION_STATUSES),
          wouldRepeat: z.boolean(),
          /** Whether it must be named in `cross`. */
          mustCross: z.boolean(),
          why: z.string(),
        }),
      ),
      truncated: z.boolean(),
    })
    .meta({ id: "ReplayPlan" }),
});

export const replayRun = defineOperation({
  id: "replayRun",
  method: "post",
  path: "/api/runs/{run}/replay",
  tag,
  summary: "Replay a run, crossing only the effects that are named",
  access: "operator",
  audit: "run.replay",
  params,
  body: z.strictObject({
    from: replayPoint,
    /** Each applied or unknown effect that may be repeated. */
    cross: z.array(id).max(200),
    evidence: evidence.optional(),
  }),
  response: replayed(),
});

function replayed() {
  return z.object({ done: z.literal(true), runId: id.nullable() }).meta({ id: "Replayed" });
}

export const RUN_OPERATIONS = [listRuns, showRun, listRunLogs, planReplay, replayRun] as const;
