import type { JsonValue } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { SchemaError } from "../errors.ts";
import { DuplicateHandlerError, NoAgentRunnerError, UnknownHandlerError } from "../job-errors.ts";
import {
  defineJobHandler,
  HandlerRegistry,
  type AgentRunner,
  type JobContext,
  type WorkflowTarget,
} from "./handler-registry.ts";

const NO_WORKFLOWS: WorkflowTarget = {
  has: () => false,
  publish: () => Promise.reject(new Error("there is none")),
  runProducer: () => Promise.reject(new Error("there is none")),
};

const context: JobContext = {
  jobId: "job",
  jobName: "name",
  executionId: "execution",
  scheduledAt: 0,
  attempt: 1,
  idempotencyKey: "key",
  missedCount: 0,
  signal: new AbortController().signal,
  now: () => 0,
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
};

const createRegistry = (workflows = NO_WORKFLOWS, agentRunner?: AgentRunner) =>
  new HandlerRegistry({ workflows, agentRunner });
const ofFunction = (handlerName: string) => ({ handlerType: "function", handlerName, handlerTarget: null }) as const;
const ofWorkflow = (handlerTarget: JsonValue) =>
  ({ handlerType: "workflow", handlerName: "mail", handlerTarget }) as const;
const AGENT = { handlerType: "agent", handlerName: "helper", handlerTarget: null } as const;

describe("functions", () => {
  test("a function is found by its name and gets the payload and the context", async () => {
    const registry = createRegistry();
    registry.register({ name: "echo", maxConcurrent: 3, handler: (payload, { attempt }) => [payload, attempt] });
    const runner = registry.find(ofFunction("echo"));
    expect(runner).toMatchObject({ name: "echo", maxConcurrent: 3 });
    expect(await runner?.run({ a: 1 }, context)).toEqual([{ a: 1 }, 1]);
  });

  test("a name is taken once, and free again when it is given up", () => {
    const registry = createRegistry();
    registry.register({ name: "echo", handler: () => 1 });
    expect(() => registry.register({ name: "echo", handler: () => 2 })).toThrow(DuplicateHandlerError);
    registry.unregister("echo");
    expect(registry.find(ofFunction("echo"))).toBeNull();
    registry.register({ name: "echo", handler: () => 2 });
  });

  test("names of JavaScript's own are no handlers", async () => {
    const registry = createRegistry();
    for (const name of ["__proto__", "constructor", "toString", ""]) {
      expect(registry.find(ofFunction(name))).toBeNull();
      await expect(registry.check(ofFunction(name), null)).rejects.toThrow(UnknownHandlerError);
    }
  });

  test("the schema parses the payload when it is checked and when it runs", async () => {
    const registry = createRegistry();
    const payload = z.object({ to: z.string().trim(), copies: z.int().default(1) });
    registry.register(defineJobHandler({ name: "typed", payload, handler: (given) => given }));
    await registry.check(ofFunction("typed"), { to: "a" });
    await expect(registry.check(ofFunction("typed"), { to: 5 })).rejects.toThrow(SchemaError);
    const runner = registry.find(ofFunction("typed"));
    expect(await runner?.run({ to: " a " }, context)).toEqual({ to: "a", copies: 1 });
    await expect(runner?.run({ to: 5 }, context)).rejects.toThrow(/payload for handler "typed".*to/);
  });

  test("a refusal names what is there, but for the functions of events", async () => {
    const registry = createRegistry();
    await expect(registry.check(ofFunction("nobody"), null)).rejects.toThrow('no handler "nobody". Known: none.');
    registry.register({ name: "echo", handler: () => 1 });
    registry.register({ name: 'event:"paid":paid', handler: () => 1 });
    await expect(registry.check(ofFunction("nobody"), null)).rejects.toThrow("Known: echo.");
  });
});

describe("workflows", () => {
  const calls: unknown[] = [];
  const target: WorkflowTarget = {
    has: (workflow, part) => workflow === "mail" && ("topic" in part ? part.topic === "in" : part.producer === "poll"),
    publish: async (...given) => {
      calls.push(given);
      return "published";
    },
    runProducer: async (workflow, producer) => [workflow, producer],
  };

  test("a topic is published into under the idempotency key", async () => {
    const runner = createRegistry(target).find(ofWorkflow({ topic: "in" }));
    expect(await runner?.run({ a: 1 }, context)).toBe("published");
    expect(calls).toEqual([["mail", "in", "key", { a: 1 }]]);
  });

  test("a producer is run", async () => {
    const runner = createRegistry(target).find(ofWorkflow({ producer: "poll" }));
    expect(await runner?.run(null, context)).toEqual(["mail", "poll"]);
  });

  test("a target that is not there, or that is none, is unknown", async () => {
    const registry = createRegistry(target);
    for (const handlerTarget of [{ topic: "out" }, { producer: "push" }, {}, null, [], "in", { topic: 5 }]) {
      expect(registry.find(ofWorkflow(handlerTarget))).toBeNull();
      await expect(registry.check(ofWorkflow(handlerTarget), null)).rejects.toThrow(UnknownHandlerError);
    }
    await expect(registry.check(ofWorkflow({ topic: "out" }), null)).rejects.toThrow(
      /topic "out" in a workflow "mail"/,
    );
    await registry.check(ofWorkflow({ topic: "in" }), { anything: true });
  });
});

describe("agents", () => {
  const runner: AgentRunner = { run: async (prompt, tools) => ({ prompt, tools: [...tools] }) };

  test("an agent gets its prompt and its tools", async () => {
    const registry = createRegistry(NO_WORKFLOWS, runner);
    await registry.check(AGENT, { prompt: "Help" });
    expect(await registry.find(AGENT)?.run({ prompt: "Help" }, context)).toEqual({ prompt: "Help", tools: [] });
    const tools = ["search"];
    expect(await registry.find(AGENT)?.run({ prompt: "Help", tools }, context)).toEqual({ prompt: "Help", tools });
  });

  test("without a runner, and without a prompt, an agent is refused", async () => {
    await expect(createRegistry().check(AGENT, { prompt: "Help" })).rejects.toThrow(NoAgentRunnerError);
    expect(createRegistry().find(AGENT)).toBeNull();
    const registry = createRegistry(NO_WORKFLOWS, runner);
    for (const payload of [null, {}, { prompt: "" }, { prompt: "Help", tools: "search" }])
      await expect(registry.check(AGENT, payload)).rejects.toThrow(SchemaError);
  });
});

test("a payload that was left out may be optional, null, or filled in by its schema", async () => {
  const reference = ofFunction("h");
  const schemas = [z.object({}).optional(), z.null(), z.object({ n: z.int().default(1) }).prefault({})];
  const seen: unknown[] = [];
  for (const payload of schemas) {
    const registry = createRegistry();
    registry.register({ name: "h", payload, handler: (parsed) => void seen.push(parsed) });
    await registry.check(reference, null);
    await registry.find(reference)?.run(null, context);
  }
  expect(seen).toEqual([undefined, null, { n: 1 }]);
});
