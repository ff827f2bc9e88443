/** Workflows, policies, jobs and configurations written by hand, in which something is not what it should be. */
import {
  defineConnector,
  defineWorkflow,
  InvalidJobError,
  InvalidSecretError,
  mutation,
  PolicyError,
  previewJob,
  resolvePolicy,
  WorkflowDefinitionError,
} from "@millrace/agent";
import * as fc from "fast-check";
import { z } from "zod";
import { addUp, fuzz, split, type FuzzTarget, type Verdict } from "./fuzz-target.ts";
import { applyChange, changeOf } from "./hostile-values.ts";

const item = z.object({ n: z.number() });
const bank = defineConnector({
  name: "bank",
  operations: { pay: mutation({ params: item, secrets: ["pin"], execute: async () => null }) },
});

/** A workflow with something in every place; its producers and consumers are objects here, which `define` makes functions. */
export const WORKFLOW = {
  name: "shop",
  major: 1,
  topics: { found: item, done: item },
  connectors: { bank },
  producers: {
    poll: {
      publishes: ["found"],
      schedule: { cron: "0 9 * * 1-5", timezone: "Europe/Berlin", dst: { gap: "skip", overlap: "both" } },
      state: item,
      handler: async () => undefined,
    },
    often: { publishes: [], schedule: { interval: "5m" }, handler: async () => undefined },
  },
  consumers: {
    act: {
      subscribe: ["found"],
      publishes: ["done"],
      approval: "required",
      state: item,
      prepare: async () => ({ data: null }),
      mutate: async () => null,
      next: async () => undefined,
    },
  },
};

/** Whether it is taken. @throws what is no named error that lists its faults */
export function define(specification: unknown): Verdict {
  try {
    // What is given need not be what TypeScript would let pass.
    defineWorkflow(withFunctions(specification) as Parameters<typeof defineWorkflow>[0]);
    return "accepted";
  } catch (error) {
    if (error instanceof WorkflowDefinitionError) assertPlaces(error.faults);
    else if (!(error instanceof InvalidSecretError)) throw error;
    return "refused";
  }
}

/** Handlers are given by functions, each of which calls what it is given. */
function withFunctions(specification: unknown): unknown {
  if (typeof specification !== "object" || specification === null) return specification;
  const { producers, consumers, ...rest } = specification as Record<string, unknown>;
  const given = (handlers: unknown) => (give: (handler: unknown) => unknown) =>
    typeof handlers === "object" && handlers !== null
      ? Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, give(handler)]))
      : handlers;
  return {
    ...rest,
    ...("producers" in specification && { producers: isAsGiven(producers) ? producers : given(producers) }),
    ...("consumers" in specification && { consumers: isAsGiven(consumers) ? consumers : given(consumers) }),
  };
}

/** Texts and numbers stand where the function should. */
const isAsGiven = (handlers: unknown) => typeof handlers === "string" || typeof handlers === "number";

function assertPlaces(faults: readonly string[]): void {
  for (const fault of faults) if (!/^\S.*: ./s.test(fault)) throw new Error(`A fault says no place: ${fault}`);
  if (faults.length === 0) throw new Error("An error names no fault.");
}

const POLICY = {
  handler: { timeoutMs: 1, maxPeek: 1 },
  call: { mutationTimeoutMs: 1 },
  retry: { maxTransientFailures: 2, backoff: { initialMs: 1, factor: 2, maxMs: 3, jitter: 0.1 } },
  jobs: { defaults: { maxRetries: 0 }, retention: { successMs: 0 }, leaseMs: 1 },
  stop: { graceMs: 0 },
};

function givePolicy(policy: unknown): Verdict {
  try {
    // As above.
    const resolved = resolvePolicy(policy as Parameters<typeof resolvePolicy>[0]);
    assertFinite(resolved, "policy");
    return "accepted";
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return "refused";
  }
}

function assertFinite(value: unknown, path: string): void {
  if (typeof value === "number" && !(Number.isFinite(value) && value >= 0)) throw new Error(`${path} is ${value}.`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) assertFinite(child, `${path}.${key}`);
}

const usual = { name: "job", handler: "work", payload: { a: [1, { b: null }] }, tags: ["x"], metadata: { m: 1 } };
const JOBS = [
  { ...usual, type: "cron", cron: "0 9 * * 1-5", timezone: "Europe/Berlin", dst: { gap: "skip" }, overlap: "skip" },
  { ...usual, type: "recurring", interval: "5m", maxRuns: 3, timeout: "1m", maxRetries: 2, retryDelay: 1_000 },
  { ...usual, type: "one_time", runAt: "2030-01-01T00:00:00Z", priority: 3, unique: { key: "u" } },
  { ...usual, type: "event", event: "signed up", handler: { workflow: "w", topic: "t" } },
];

/** Unix milliseconds of a day in 2027. */
const NOW = 1_800_000_000_000;
const { jobs: JOB_POLICY } = resolvePolicy();

export function previewHostile(input: unknown): Verdict {
  try {
    const { description, runs } = previewJob(input, 3, NOW, JOB_POLICY);
    if (description === "") throw new Error("It is described by nothing.");
    for (const { at, local } of runs) if (!Number.isFinite(at) || local === "") throw new Error(`It runs at ${at}.`);
    return "accepted";
  } catch (error) {
    if (!(error instanceof InvalidJobError)) throw error;
    if (error.faults.length === 0) throw new Error("An error names no fault.", { cause: error });
    return "refused";
  }
}

const several = (example: unknown) =>
  fc.array(changeOf(example), { minLength: 1, maxLength: 3 }).map((changes) => changes.reduce(applyChange, example));

export const definitions: FuzzTarget = {
  name: "definitions",
  async run(options) {
    const share = split(options, 3);
    return addUp([
      await fuzz("definitions", share, several(WORKFLOW), define),
      await fuzz("definitions", share, several(POLICY), givePolicy),
      await fuzz("definitions", share, fc.constantFrom(...JOBS).chain(several), previewHostile),
    ]);
  },
};
