import { JobConflictError } from "@millrace/agent";
import { afterEach, expect, test } from "vitest";
import { closeBenches, held, openBench, recorded, times, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

type OnConflict = "reject" | "replace" | "throttle" | "debounce";

const ask = ({ jobs }: Bench, onConflict: OnConflict, payload: string, input: object = {}) =>
  jobs.scheduleOnce({
    name: "sync",
    handler: "work",
    payload,
    unique: { key: "sync", onConflict, window: "1m" },
    ...input,
  });

const payloads = ({ calls }: ReturnType<typeof recorded>) => calls.map(({ payload }) => payload);

test("reject refuses while the first is open, and names it; then it is free again", async () => {
  const work = held("work");
  const bench = await openBench([work]);
  const first = await ask(bench, "reject", "a");
  await bench.settle();
  const refusal = await ask(bench, "reject", "b").catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(JobConflictError);
  expect((refusal as JobConflictError).jobId).toBe(first.id);
  work.calls[0]?.succeed();
  await bench.settle();
  expect((await ask(bench, "reject", "c")).id).not.toBe(first.id);
});

test("replace edits what has not begun", async () => {
  const work = recorded("work");
  const bench = await openBench([work]);
  const first = await ask(bench, "replace", "a", { in: "1h" });
  const second = await ask(bench, "replace", "b", { in: "2h" });
  expect(second).toMatchObject({ id: first.id, version: 2 });
  await bench.advance("3h");
  expect([payloads(work), times(work)]).toEqual([["b"], ["02:00:00"]]);
});

test("throttle keeps the first, also for the window after it was made", async () => {
  const work = recorded("work");
  const bench = await openBench([work]);
  const first = await ask(bench, "throttle", "a");
  await bench.advance("30s");
  expect((await ask(bench, "throttle", "b")).id).toBe(first.id);
  await bench.advance("30s");
  await ask(bench, "throttle", "c");
  await bench.settle();
  expect(payloads(work)).toEqual(["a", "c"]);
});

test("debounce is due the window after the last call, with what that has said", async () => {
  const work = recorded("work");
  const bench = await openBench([work]);
  const first = await ask(bench, "debounce", "a");
  await bench.advance("30s");
  expect((await ask(bench, "debounce", "b")).id).toBe(first.id);
  await bench.advance("30s");
  // The same input once more is another call.
  await ask(bench, "debounce", "b");
  await bench.advance("59s");
  expect(work.calls).toHaveLength(0);
  await bench.advance("1s");
  expect([payloads(work), times(work)]).toEqual([["b"], ["00:02:00"]]);
  await ask(bench, "debounce", "c");
  await bench.advance("1m");
  expect(payloads(work)).toEqual(["b", "c"]);
});

test("a key is unique within its tenant", async () => {
  const bench = await openBench([held("work")]);
  const other = await bench.engine.jobsOf("other");
  await ask(bench, "reject", "a");
  await expect(ask({ ...bench, jobs: other }, "reject", "a")).resolves.toBeDefined();
});
