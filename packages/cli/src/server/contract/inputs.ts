/** Inputs: what came in, and everything that came of it. */
import { INPUT_STATUSES } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { eventSummary, inputSummary, outputSummary, runSummary } from "./shapes.ts";
import { id, name, pageQuery, searchPage, spanQuery, text, time } from "./values.ts";

const tag = "inputs";
const params = z.strictObject({ input: id });

/** One thing that happened because of an input. */
const storyEntry = z
  .object({
    at: time,
    kind: z.enum([
      "input_registered",
      "event_published",
      "run_started",
      "run_ended",
      "output_sent",
      "output_settled",
      "input_skipped",
    ]),
    /** In words. */
    title: z.string(),
    eventId: id.nullable(),
    runId: id.nullable(),
    outputId: id.nullable(),
    /** The status of what it is about. */
    status: z.string().nullable(),
  })
  .meta({ id: "StoryEntry" });

const state = z.enum(["waiting", "in_progress", "needs_attention", "done", "skipped"]);

/** An input with what became of it. */
const listedInput = inputSummary
  .extend({
    state,
    /** How many outputs it led to: those that happened, those of which nobody knows, that failed, and that are to come. */
    outputs: z.object({ happened: z.int(), unknown: z.int(), failed: z.int(), waiting: z.int() }),
  })
  .meta({ id: "ListedInput" });

export const listInputs = defineOperation({
  id: "listInputs",
  method: "get",
  path: "/api/inputs",
  tag,
  summary: "Inputs, newest first",
  access: "viewer",
  query: z.strictObject({
    ...pageQuery,
    ...spanQuery,
    workflow: name.optional(),
    source: name.optional(),
    type: name.optional(),
    status: z.enum(INPUT_STATUSES).optional(),
    text: text.optional(),
  }),
  response: searchPage(listedInput),
});

export const showInput = defineOperation({
  id: "showInput",
  method: "get",
  path: "/api/inputs/{input}",
  tag,
  summary: "An input and its story in time order",
  access: "viewer",
  params,
  response: z
    .object({
      input: inputSummary.extend({ createdByRunId: id.nullable(), updatedAt: time }),
      /** How it stands: whether anything is still to come of it. */
      state,
      events: z.array(eventSummary),
      runs: z.array(runSummary),
      outputs: z.array(outputSummary),
      story: z.array(storyEntry),
      /** Whether there is more than what is shown here. */
      truncated: z.boolean(),
    })
    .meta({ id: "InputStory" }),
});

export const skipInput = defineOperation({
  id: "skipInput",
  method: "post",
  path: "/api/inputs/{input}/skip",
  tag,
  summary: "Do nothing more because of an input",
  access: "operator",
  audit: "input.skip",
  params,
  response: z.object({ skipped: z.boolean(), skippedEvents: z.int(), abortedRuns: z.array(id) }),
});

export const INPUT_OPERATIONS = [listInputs, showInput, skipInput] as const;
