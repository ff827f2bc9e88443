/** Loads the workflows and the handlers of jobs that a file exports, and says clearly why it can't. */
import { stat } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  MillraceError,
  type Connector,
  type JobHandler,
  type PolicyOptions,
  type WorkflowDefinition,
} from "@millrace/agent";
import { z } from "zod";
import { webhookSources, type WebhookSources } from "./server/ingest/webhook-sources.ts";

/** A file of workflows can't be used. */
export class WorkflowLoadError extends MillraceError {}

export interface LoadedWorkflows {
  workflows: WorkflowDefinition[];
  connectors?: Record<string, Connector>;
  /** The functions that jobs run. */
  jobHandlers?: JobHandler[];
  policy?: PolicyOptions;
  /** For `millrace serve`: where webhooks come from, and their secrets. */
  webhooks?: WebhookSources;
}

const EXPECTED =
  "Export a workflow made by defineWorkflow, a list of them, or { workflows, connectors, jobHandlers, policy, webhooks }, best as the default export.";

const isFunction = (value: unknown) => typeof value === "function";
const handlers = (handler: "handler" | "prepare") =>
  z.record(z.string(), z.looseObject({ [handler]: z.custom(isFunction) }));

const workflowShape = z.looseObject({
  name: z.string(),
  major: z.number(),
  topics: z.looseObject({}),
  connectors: z.looseObject({}),
  producers: handlers("handler"),
  consumers: handlers("prepare"),
});

// Checked by shape, because the file may use another copy of @millrace/agent than this program does.
const workflow = z.custom<WorkflowDefinition>(
  (value) => workflowShape.safeParse(value).success,
  "is not a workflow made by defineWorkflow",
);
const workflowList = z.array(workflow, "is not a list of workflows").min(1, "has no workflow");
const connector = z.custom<Connector>(
  (value) => z.looseObject({ name: z.string(), operations: z.looseObject({}) }).safeParse(value).success,
  "is not a connector made by defineConnector",
);
const jobHandler = z.custom<JobHandler>(
  (value) => z.looseObject({ name: z.string(), handler: z.custom(isFunction) }).safeParse(value).success,
  "is not a handler made by defineJobHandler",
);
const configuration = z.strictObject({
  workflows: z
    .preprocess((value) => (Array.isArray(value) || value === undefined ? value : [value]), workflowList.optional())
    .optional(),
  jobHandlers: z.array(jobHandler, "is not a list of handlers of jobs").min(1, "has no handler").optional(),
  connectors: z.record(z.string(), connector, "is not an object of connectors").optional(),
  // The engine checks its values and names those that are wrong.
  policy: z
    .custom<PolicyOptions>((value) => typeof value === "object" && value !== null, "is not an object")
    .optional(),
  webhooks: webhookSources.optional(),
});

/** @throws WorkflowLoadError */
export async function loadWorkflows(file: string): Promise<LoadedWorkflows> {
  const path = resolve(file);
  await assertFile(file, path);
  const loaded = readConfiguration(file, await importFile(file, path));
  assertDifferentNames(file, loaded.workflows);
  return loaded;
}

async function assertFile(file: string, path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new WorkflowLoadError(`The file ${file} can't be read. Check its path.`, { cause });
  });
  if (!found.isFile()) throw new WorkflowLoadError(`${file} is not a file. Name the file that exports the workflows.`);
}

async function importFile(file: string, path: string): Promise<Record<string, unknown>> {
  try {
    // A module is an object of its exports.
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new WorkflowLoadError(describeImportFailure(file, cause), { cause });
  }
}

/** Which file extensions Node runs by itself depends on its version. */
function describeImportFailure(file: string, cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /^\.[cm]?tsx?$/.test(extname(file))) {
    // Older ones do not even have the field.
    return !process.features.typescript
      ? `${file} is TypeScript, which this Node (${process.version}) can't run. Use Node 22.18 or newer, or compile it to JavaScript first.`
      : `${file} is TypeScript of a kind that Node can't run (only .ts, .mts and .cts). Compile it to JavaScript first.`;
  }
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX" || code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING") {
    return `${file} has TypeScript that Node can't run, because it only leaves types out. Compile it to JavaScript first.`;
  }
  // The text of a syntax error doesn't say where it is.
  if (cause instanceof SyntaxError) return `${file} can't be loaded. "node ${file}" shows the place.`;
  return `${file} can't be loaded.`;
}

function readConfiguration(file: string, exports: Record<string, unknown>): LoadedWorkflows {
  const parsed = configuration.safeParse(toConfiguration(file, exports));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  - ${path.join(".") || "the object"}: ${message}`);
    throw new WorkflowLoadError(`${file} exports something that can't be used:\n${faults.join("\n")}\n${EXPECTED}`);
  }
  const { workflows = [], connectors, jobHandlers, policy, webhooks } = parsed.data;
  if (workflows.length === 0 && !jobHandlers)
    throw new WorkflowLoadError(`${file} exports neither workflows nor jobHandlers. ${EXPECTED}`);
  return {
    workflows,
    ...(connectors && { connectors }),
    ...(jobHandlers && { jobHandlers }),
    ...(policy && { policy }),
    ...(webhooks && { webhooks }),
  };
}

/** Brings the forms in which workflows may be exported to one. */
function toConfiguration(file: string, exports: Record<string, unknown>): unknown {
  if ("default" in exports) {
    const { default: chosen } = exports;
    return isConfiguration(chosen) ? chosen : { workflows: chosen };
  }
  const { workflows, connectors, jobHandlers, policy, webhooks } = exports;
  if (workflows !== undefined || jobHandlers !== undefined)
    return { workflows, connectors, jobHandlers, policy, webhooks };
  // Beside workflows a file may export other things.
  const found = Object.values(exports).flatMap((value) => {
    const list = workflowList.safeParse(Array.isArray(value) ? value : [value]);
    return list.success ? list.data : [];
  });
  if (found.length > 0) return { workflows: found };
  const names = Object.keys(exports).join(", ");
  throw new WorkflowLoadError(
    `${file} exports ${names === "" ? "nothing" : `no workflow (only ${names})`}. ${EXPECTED}`,
  );
}

const isConfiguration = (value: unknown) =>
  typeof value === "object" && value !== null && ("workflows" in value || "jobHandlers" in value);

function assertDifferentNames(file: string, workflows: readonly WorkflowDefinition[]): void {
  const names = workflows.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new WorkflowLoadError(`${file} has two workflows named "${twice}". Each needs a name of its own.`);
}
