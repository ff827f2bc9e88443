/** Outputs: the mutation ledger, and what people decide about it. */
import { MUTATION_STATUSES, RESOLUTIONS } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { inputSummary, output, outputSummary, runSummary } from "./shapes.ts";
import { evidence, id, json, name, pageQuery, searchPage, spanQuery, text, time, wordList } from "./values.ts";

const tag = "outputs";
const params = z.strictObject({ output: id });

export const listOutputs = defineOperation({
  id: "listOutputs",
  method: "get",
  path: "/api/outputs",
  tag,
  summary: "Outputs, newest first",
  access: "viewer",
  query: z.strictObject({
    ...pageQuery,
    ...spanQuery,
    workflow: name.optional(),
    connector: name.optional(),
    operation: name.optional(),
    status: wordList(MUTATION_STATUSES).optional(),
    text: text.optional(),
  }),
  response: searchPage(outputSummary),
});

export const showOutput = defineOperation({
  id: "showOutput",
  method: "get",
  path: "/api/outputs/{output}",
  tag,
  summary: "An output with its parameters, its inputs and its attempts",
  access: "viewer",
  params,
  response: z
    .object({
      output,
      inputs: z.array(inputSummary),
      /** The chain of retries that its run belongs to, in order. */
      attempts: z.array(runSummary),
      /** Why its outcome is not known, and what to check; null where it is known. */
      explanation: z.object({ why: z.string(), check: z.string() }).nullable(),
      /** Which answers a person may give now, and what each leads to. */
      answers: z.array(z.object({ resolution: z.enum(RESOLUTIONS), consequence: z.string() })),
      awaitsApproval: z.boolean(),
    })
    .meta({ id: "OutputDetails" }),
});

export const approveOutput = defineOperation({
  id: "approveOutput",
  method: "post",
  path: "/api/outputs/{output}/approval",
  tag,
  summary: "Approve or reject the very parameters of an output that waits for it",
  access: "operator",
  audit: "output.approve",
  params,
  body: z.strictObject({ approved: z.boolean(), evidence: evidence.optional() }),
  response: output,
});

export const resolveOutput = defineOperation({
  id: "resolveOutput",
  method: "post",
  path: "/api/outputs/{output}/resolution",
  tag,
  summary: "Settle an output whose outcome is unknown",
  access: "operator",
  audit: "output.resolve",
  params,
  body: z
    .strictObject({
      resolution: z.enum(RESOLUTIONS),
      evidence: evidence.optional(),
      /** With `happened`: what the call would have given. */
      result: json.optional(),
    })
    .refine(({ resolution, result }) => result === undefined || resolution === "happened", {
      path: ["result"],
      message: "is only for `happened`",
    }),
  response: output,
});

export const resolveOutputs = defineOperation({
  id: "resolveOutputs",
  method: "post",
  path: "/api/outputs/resolutions",
  tag,
  summary: "Settle all outputs of a connector whose outcome has been unknown since a time span; a dry run counts them",
  access: "operator",
  audit: "output.resolve_all",
  body: z
    .strictObject({
      connector: name,
      /** Sent at or after this time … */
      from: time,
      /** … and before this. */
      until: time,
      resolution: z.enum(RESOLUTIONS),
      evidence: evidence.optional(),
      dryRun: z.boolean(),
    })
    .refine(({ from, until }) => from < until, { path: ["until"], message: "must be after `from`" }),
  response: z
    .object({
      matched: z.int(),
      resolved: z.int(),
      refused: z.array(z.object({ id, reason: z.string() })),
      /** The first of those matched. */
      examples: z.array(outputSummary),
    })
    .meta({ id: "BulkResolution" }),
});

export const OUTPUT_OPERATIONS = [listOutputs, showOutput, approveOutput, resolveOutput, resolveOutputs] as const;
