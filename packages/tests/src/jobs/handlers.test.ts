import { defineWorkflow, NetworkError, NoAgentRunnerError, UnknownHandlerError } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { closeBenches, openBench, recorded, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

const restart = async (bench: Bench, handlers: Parameters<typeof openBench>[0], options: object = {}) =>
  openBench(handlers, { image: await bench.stop(), clock: new FakeClock(bench.clock.now()), ...options });

describe("a handler that is not here", () => {
  test("is refused when a job is scheduled", async () => {
    const bench = await openBench([recorded("work")]);
    await expect(bench.jobs.scheduleOnce({ name: "n", handler: "wrok" })).rejects.toThrow(UnknownHandlerError);
    expect((await bench.jobs.listJobs()).items).toEqual([]);
  });

  test("defers its work with one notification; when it is registered, the work runs and the notification is settled", async () => {
    const first = await openBench([recorded("work")]);
    const { id } = await first.jobs.scheduleRecurring({
      name: "r",
      handler: "work",
      interval: "1m",
      overlap: "buffer_all",
    });
    await first.settle();
    const bench = await restart(first, []);
    await bench.advance("5m");
    expect(new Set(await bench.statuses(id))).toEqual(new Set(["success", "pending"]));
    expect((await bench.history(id)).at(-1)?.waitsFor).toBe("handler function work");
    expect(await bench.notices(id)).toEqual([expect.stringMatching(/^missing_handler: .*no function handler "work"/)]);
    const work = recorded("work");
    await bench.engine.registerJobHandler(work);
    await bench.settle();
    expect(work.calls).toHaveLength(5);
    expect(new Set(await bench.statuses(id))).toEqual(new Set(["success"]));
    expect(await bench.notices(id)).toEqual([]);
  });

  test("is there in the next version of the program: then the work runs, and nobody need look any more", async () => {
    const first = await openBench([recorded("old"), recorded("work")]);
    const { id } = await first.jobs.scheduleOnce({ name: "r", handler: "work", in: "1m" });
    const other = await first.jobs.scheduleOnce({ name: "o", handler: "old", in: "1m" });
    const second = await restart(first, [recorded("old")]);
    await second.advance("1m");
    // What this version has is not held up by what it has not.
    expect(await second.statuses(other.id)).toEqual(["success"]);
    expect([await second.statuses(id), (await second.notices(id)).length]).toEqual([["pending"], 1]);
    const third = await restart(second, [recorded("work")]);
    await third.settle();
    expect([await third.statuses(id), await third.notices(id)]).toEqual([["success"], []]);
  });
});

const item = z.object({ n: z.number() });

/** A workflow that publishes and polls; each poll does what `answers` says, then well. */
function shop(answers: (() => Error)[] = []) {
  const polls: number[] = [];
  const workflow = defineWorkflow({
    name: "shop",
    topics: { found: item },
    producers: (producer) => ({
      poll: producer({
        publishes: ["found"],
        schedule: { interval: "365d" },
        state: z.object({ polls: z.number() }),
        async handler(_ctx, state) {
          polls.push(1);
          const answer = answers.shift();
          if (answer) throw answer();
          return { polls: (state?.polls ?? 0) + 1 };
        },
      }),
    }),
    consumers: (consumer) => ({
      take: consumer({
        subscribe: ["found"],
        async prepare(ctx) {
          const events = await ctx.peek("found", { limit: 10 });
          return { reservations: [{ topic: "found", ids: events.map(({ id }) => id) }], data: null };
        },
      }),
    }),
  });
  return { workflow, polls };
}

describe("a job of handler type workflow", () => {
  test("publishes under its idempotency key, so that doing it again changes nothing", async () => {
    const { workflow } = shop();
    const bench = await openBench([], { workflows: [workflow] });
    const handler = { workflow: "shop", topic: "found" };
    const { id } = await bench.jobs.scheduleOnce({ name: "p", handler, payload: { n: 1 } });
    await bench.advance("1s");
    const [execution] = await bench.history(id);
    expect(execution).toMatchObject({ status: "success", result: { outcome: "created" } });
    const again = { messageId: execution!.idempotencyKey, payload: { n: 1 } };
    expect(await bench.engine.publish("shop", "found", again)).toMatchObject({ outcome: "unchanged" });
  });

  test("whose payload does not fit the topic has failed at once", async () => {
    const { workflow } = shop();
    const bench = await openBench([], { workflows: [workflow] });
    const handler = { workflow: "shop", topic: "found" };
    const { id } = await bench.jobs.scheduleOnce({ name: "p", handler, payload: { n: "one" } });
    await bench.advance("1h");
    expect((await bench.history(id))[0]).toMatchObject({ status: "failed", attempt: 1, errorType: "SchemaError" });
  });

  test("runs a producer, and has the outcome of its run", async () => {
    const { workflow, polls } = shop();
    const bench = await openBench([], { workflows: [workflow] });
    await bench.advance("1s");
    const before = polls.length;
    const { id } = await bench.jobs.scheduleOnce({ name: "p", handler: { workflow: "shop", producer: "poll" } });
    await bench.advance("1s");
    const [run] = await bench.engine.runs({ limit: 1 });
    expect(polls).toHaveLength(before + 1);
    expect((await bench.history(id))[0]).toMatchObject({
      status: "success",
      result: { runId: run!.id, state: { polls: before + 1 } },
    });
  });

  test("follows a run through its transient failures", async () => {
    const answers: (() => Error)[] = [];
    const { workflow } = shop(answers);
    const bench = await openBench([], { workflows: [workflow] });
    await bench.advance("1s");
    answers.push(
      () => new NetworkError("down"),
      () => new NetworkError("down"),
    );
    const { id } = await bench.jobs.scheduleOnce({ name: "p", handler: { workflow: "shop", producer: "poll" } });
    await bench.advance("1m");
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", attempt: 1 });
    expect(answers).toEqual([]);
  });

  test("has failed with a run that a person must look at, and is not tried again", async () => {
    const answers: (() => Error)[] = [];
    const { workflow } = shop(answers);
    const bench = await openBench([], { workflows: [workflow] });
    await bench.advance("1s");
    answers.push(() => new Error("a mistake"));
    const { id } = await bench.jobs.scheduleOnce({ name: "p", handler: { workflow: "shop", producer: "poll" } });
    await bench.advance("1h");
    const [execution] = await bench.history(id);
    expect(execution).toMatchObject({ status: "failed", attempt: 1 });
    expect(execution?.error).toMatch(/The run of shop\.poll ended as .*a mistake/);
  });

  test("waits while its workflow is not deployed", async () => {
    const { workflow } = shop();
    const first = await openBench([], { workflows: [workflow] });
    const handler = { workflow: "shop", topic: "found" };
    const { id } = await first.jobs.scheduleOnce({ name: "p", handler, payload: { n: 1 }, in: "1m" });
    await expect(first.jobs.scheduleOnce({ name: "p", handler: { workflow: "shop", topic: "lost" } })).rejects.toThrow(
      UnknownHandlerError,
    );
    const bench = await restart(first, []);
    await bench.advance("1m");
    expect([await bench.statuses(id), (await bench.notices(id)).length]).toEqual([["pending"], 1]);
    await bench.engine.deploy(workflow);
    await bench.advance("1s");
    expect([await bench.statuses(id), await bench.notices(id)]).toEqual([["success"], []]);
  });
});

describe("a job of handler type agent", () => {
  const job = { name: "a", handler: { agent: "writer" }, payload: { prompt: "write", tools: ["pen"] } };

  test("goes to the agent runner, with its prompt and tools", async () => {
    const asked: unknown[] = [];
    const agentRunner = {
      run: async (prompt: string, tools: readonly string[], signal: AbortSignal) => {
        asked.push([prompt, tools, signal.aborted]);
        return "written";
      },
    };
    const bench = await openBench([], { agentRunner });
    const { id } = await bench.jobs.scheduleOnce(job);
    await bench.settle();
    expect(asked).toEqual([["write", ["pen"], false]]);
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", result: "written" });
  });

  test("is refused without a runner", async () => {
    const bench = await openBench([]);
    await expect(bench.jobs.scheduleOnce(job)).rejects.toThrow(NoAgentRunnerError);
  });
});
