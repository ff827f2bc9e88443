import { defineJobHandler, JobStateError, UnknownNameError, type JobExecution } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, type RouteBench } from "../../testing/route-bench.ts";
import * as contract from "../contract/executions.ts";
import type { AnyOperation } from "../contract/operation.ts";
import { EXECUTION_IMPLEMENTATIONS } from "./executions.ts";

const NOBODY = "01890000-0000-7000-8000-000000000000";

let bench: RouteBench;
let isDown: boolean;

beforeEach(async () => {
  isDown = true;
  const jobHandlers = [
    defineJobHandler({
      name: "send",
      handler(_payload, { log }) {
        log.info("sending", { to: "Anna" });
        log.warn("slow");
        if (isDown) throw new Error("the line is dead");
        return "sent";
      },
    }),
  ];
  bench = await openRouteBench(EXECUTION_IMPLEMENTATIONS, { jobHandlers });
});
afterEach(() => bench.close());

/** Jobs that run at once, each once. */
async function runJobs(count: number, name = "send"): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const input = { type: "one_time", name: `${name} ${number}`, handler: "send", maxRetries: 0 } as const;
    ids.push((await bench.engine.jobs.schedule(input)).id);
    await bench.advance("1s");
  }
  return ids;
}

async function onlyExecution(jobId: string): Promise<JobExecution> {
  const { items } = await bench.engine.jobs.getJobHistory(jobId);
  return items[0]!;
}

describe("executions", () => {
  test("a job's history is paged without a gap and filtered by status", async () => {
    const { id: job } = await bench.engine.jobs.schedule({
      type: "recurring",
      name: "poll",
      handler: "send",
      interval: "1m",
      maxRetries: 0,
    });
    await bench.advance("2m");
    isDown = false;
    await bench.advance("2m");
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: object = cursor === null ? { limit: "2" } : { limit: "2", cursor };
      const page: { items: { status: string }[]; nextCursor: string | null } = await bench.call(
        contract.listExecutions,
        { params: { job }, query },
      );
      seen.push(...page.items.map(({ status }) => status));
      cursor = page.nextCursor;
    } while (cursor !== null && seen.length < 10);
    expect(seen).toEqual(["success", "success", "failed", "failed", "failed"]);
    const failed = await bench.call(contract.listExecutions, { params: { job }, query: { status: "failed,timeout" } });
    expect(failed.items).toHaveLength(3);
  });

  test("an execution is shown with its job and its log", async () => {
    const [job] = await runJobs(1);
    const { id } = await onlyExecution(job!);
    const shown = await bench.call(contract.showExecution, { params: { execution: id } });
    expect(shown.execution).toMatchObject({ id, status: "failed", error: "the line is dead" });
    expect(shown.job).toMatchObject({ id: job, name: "send 1" });
    expect(shown.logs.map(({ level, message }) => `${level} ${message}`)).toEqual(["info sending", "warn slow"]);
  });

  test("log lines are those behind a line, of some levels", async () => {
    const [job] = await runJobs(1);
    const params = { execution: (await onlyExecution(job!)).id };
    const lines = async (query: object) =>
      (await bench.call(contract.listExecutionLogs, { params, query })).items.map(({ message }) => message);
    expect(await lines({ after: "1" })).toEqual(["slow"]);
    expect(await lines({ level: "info,error" })).toEqual(["sending"]);
  });

  test("one that is over can't be cancelled but be repeated, by who asks", async () => {
    const [job] = await runJobs(1);
    const params = { execution: (await onlyExecution(job!)).id };
    await expect(bench.call(contract.cancelExecution, { params, body: {} })).rejects.toThrow(JobStateError);
    const again = await bench.call(contract.retryExecution, { params });
    expect(again).toMatchObject({ origin: "retry", retryOf: params.execution, createdBy: "olga" });
  });

  test("one that waits is cancelled at once", async () => {
    const { id } = await bench.engine.jobs.schedule({
      type: "one_time",
      name: "later",
      handler: "send",
      maxRetries: 3,
      retryDelay: "1h",
    });
    await bench.advance("1s");
    const params = { execution: (await onlyExecution(id)).id };
    const cancelled = await bench.call(contract.cancelExecution, { params, body: { reason: "no need" } });
    expect(cancelled).toMatchObject({ status: "cancelled", reason: "no need" });
  });
});

describe("dead letters", () => {
  test("are paged without a gap, each with the name of its job", async () => {
    await runJobs(5);
    const first = await bench.call(contract.listDeadLetters, { query: { limit: "3" } });
    const second = await bench.call(contract.listDeadLetters, { query: { limit: "3", cursor: first.nextCursor } });
    expect([...first.items, ...second.items].map(({ jobName }) => jobName)).toEqual(
      [5, 4, 3, 2, 1].map((number) => `send ${number}`),
    );
    expect(second.nextCursor).toBeNull();
  });

  test("of one job are found", async () => {
    const [, job] = await runJobs(3);
    const { items } = await bench.call(contract.listDeadLetters, { query: { job } });
    expect(items.map(({ jobId }) => jobId)).toEqual([job]);
  });

  test("are gone once they are repeated", async () => {
    const [one, other] = await runJobs(2);
    const executions = [(await onlyExecution(one!)).id, (await onlyExecution(other!)).id];
    isDown = false;
    const { items } = await bench.call(contract.redrive, { body: { executions } });
    expect(items.map(({ retryOf }) => retryOf)).toEqual(executions);
    await bench.advance("1s");
    expect((await bench.call(contract.listDeadLetters)).items).toEqual([]);
    await expect(bench.call(contract.redrive, { body: { executions: [NOBODY] } })).rejects.toThrow(UnknownNameError);
  });
});

describe("events for jobs", () => {
  const watch = () => bench.engine.jobs.schedule({ type: "event", event: "paid", name: "thank", handler: "send" });

  test("an event makes an execution for each job that waits for it, once for its id", async () => {
    const { id } = await watch();
    const sent = { params: { event: "paid" }, body: { payload: { sum: 5 }, eventId: "1" } };
    const { items } = await bench.call(contract.triggerEvent, sent);
    expect(items).toMatchObject([{ jobId: id, origin: "event", payload: { sum: 5 }, createdBy: "olga" }]);
    expect((await bench.call(contract.triggerEvent, sent)).items).toEqual([]);
  });

  test("a handler that is switched off makes none", async () => {
    const { id: job } = await watch();
    expect(await bench.call(contract.setEventHandler, { params: { job }, body: { enabled: false } })).toEqual({
      done: true,
    });
    expect((await bench.call(contract.listEventHandlers)).items).toMatchObject([
      { eventName: "paid", jobId: job, enabled: false },
    ]);
    expect((await bench.call(contract.triggerEvent, { params: { event: "paid" }, body: {} })).items).toEqual([]);
  });
});

test("the metrics say how many jobs there are and how the scheduler is doing", async () => {
  await runJobs(2);
  expect(await bench.call(contract.showJobMetrics)).toMatchObject({
    jobs: { failed: 2 },
    open: { pending: 0, running: 0 },
    lastHour: { failed: 2, success: 0 },
    health: { status: "ok" },
  });
});

describe("somebody of another platform", () => {
  test.each<[AnyOperation, object | undefined]>([
    [contract.showExecution, undefined],
    [contract.listExecutionLogs, undefined],
    [contract.cancelExecution, {}],
    [contract.retryExecution, undefined],
  ])("can't use $id on one", async (operation, body) => {
    const [job] = await runJobs(1);
    const sent = { params: { execution: (await onlyExecution(job!)).id }, body };
    await expect(bench.call(operation, sent, bench.stranger)).rejects.toThrow(UnknownNameError);
  });

  test("sees no history, dead letters, event handlers or numbers of another's", async () => {
    const [job] = await runJobs(1);
    const { stranger } = bench;
    const history = bench.call(contract.listExecutions, { params: { job } }, stranger);
    await expect(history).rejects.toThrow(UnknownNameError);
    expect((await bench.call(contract.listDeadLetters, {}, stranger)).items).toEqual([]);
    expect((await bench.call(contract.listEventHandlers, {}, stranger)).items).toEqual([]);
    expect((await bench.call(contract.showJobMetrics, {}, stranger)).jobs.failed).toBe(0);
    const { id } = await onlyExecution(job!);
    const redrive = bench.call(contract.redrive, { body: { executions: [id] } }, stranger);
    await expect(redrive).rejects.toThrow(UnknownNameError);
  });

  test("triggers no job of another's", async () => {
    const { id } = await bench.engine.jobs.schedule({ type: "event", event: "paid", name: "thank", handler: "send" });
    const sent = { params: { event: "paid" }, body: {} };
    expect((await bench.call(contract.triggerEvent, sent, bench.stranger)).items).toEqual([]);
    const set = bench.call(contract.setEventHandler, { params: { job: id }, body: { enabled: false } }, bench.stranger);
    await expect(set).rejects.toThrow(UnknownNameError);
  });
});
