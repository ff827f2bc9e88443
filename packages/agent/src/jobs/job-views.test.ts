import { createIdSource, type Job, type JobExecution, type JobExecutionId } from "@millrace/db";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidJobError } from "../job-errors.ts";
import { resolvePolicy } from "../policy.ts";
import { parseJob } from "./job-input.ts";
import { type ScheduledJobInput } from "./job-input-schema.ts";
import {
  cursorOf,
  describeJob,
  pageOf,
  readHistoryOptions,
  readJobFilter,
  readLogOptions,
  readPageOptions,
  toExecution,
  toJob,
} from "./job-views.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const newId = createIdSource({ now: () => NOW });
const ID = newId<JobExecutionId>();
const PLAIN = { name: "job", handler: "note" } as const;

const words = (input: ScheduledJobInput) => describeJob(parseJob(input, NOW, resolvePolicy().jobs).definition);

describe("schedules in words", () => {
  test.each<[ScheduledJobInput, string]>([
    [
      { ...PLAIN, type: "cron", cron: "0 9 * * 1-5", timezone: "Europe/Berlin" },
      "At 09:00, Monday through Friday (Europe/Berlin)",
    ],
    [{ ...PLAIN, type: "cron", cron: "@daily" }, "At 00:00 (UTC)"],
    [{ ...PLAIN, type: "event", event: "paid" }, 'whenever "paid" happens'],
    [{ ...PLAIN, type: "one_time", at: NOW + 1 }, "once at 2026-01-01T00:00:00.001Z"],
    [{ ...PLAIN, type: "recurring", interval: "5m" }, "every 5 minutes"],
    [{ ...PLAIN, type: "recurring", interval: "5m", maxRuns: 3 }, "every 5 minutes, 3 times"],
    [
      { ...PLAIN, type: "recurring", interval: "1h", maxRuns: 3, endsAt: "2026-02-01T00:00:00Z" },
      "every hour, 3 times, until 2026-02-01T00:00:00.000Z",
    ],
    [
      { ...PLAIN, type: "recurring", interval: "90s", mode: "fixed_delay" },
      "1 minute 30 seconds after the end of the one before",
    ],
    [{ ...PLAIN, type: "recurring", cron: "@hourly", maxRuns: 2 }, "Every hour (UTC), 2 times"],
  ])("%j", (input, text) => {
    expect(words(input)).toBe(text);
  });
});

describe("what users see", () => {
  const { definition } = parseJob({ ...PLAIN, type: "cron", cron: "@daily" }, NOW, resolvePolicy().jobs);

  test("a job has its average and its words, and nothing of how it is stored", () => {
    // The columns that matter here; the others pass through.
    const stored = { ...definition, digest: "d", executionCount: 4, totalDurationMs: 10 } as Job;
    expect(toJob(stored)).toEqual({
      ...definition,
      executionCount: 4,
      averageDurationMs: 2.5,
      schedule: "At 00:00 (UTC)",
    });
    expect(toJob({ ...stored, executionCount: 0, totalDurationMs: 0 }).averageDurationMs).toBeNull();
  });

  test("an execution shows nothing of how it is stored", () => {
    const stored = { id: ID, rank: 5, occurrence: "", unsettled: false, status: "pending" } as JobExecution;
    expect(toExecution(stored)).toEqual({ id: ID, status: "pending" });
  });
});

describe("pages", () => {
  const page = (items: readonly number[], limit: number) => pageOf(items, limit, (item) => -item, String);

  test("a page that is not full is the last", () => {
    expect(page([], 2)).toEqual({ items: [], nextCursor: null });
    expect(page([1], 2)).toEqual({ items: [-1], nextCursor: null });
  });

  test("a full page ends with a cursor of its last item where there is more, and only there", () => {
    expect(page([1, 2, 3], 2)).toEqual({ items: [-1, -2], nextCursor: "2" });
    expect(page([1, 2], 2)).toEqual({ items: [-1, -2], nextCursor: null });
  });
});

describe("cursors", () => {
  test("a cursor of executions is read as it was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8.64e15 }), (at) => {
        const id = newId<JobExecutionId>();
        expect(readHistoryOptions({ cursor: cursorOf(at, id) }).after).toEqual({ at, id });
        expect(readPageOptions({ cursor: cursorOf(at, id) }).after).toEqual({ at, id });
      }),
    );
  });

  test("an execution without an end is at the beginning of time", () => {
    expect(readPageOptions({ cursor: cursorOf(null, ID) }).after).toEqual({ at: 0, id: ID });
  });

  test.each(["", ".", "5", ID, `5.${ID}x`, `x.${ID}`, `-5.${ID}`, `1e3.${ID}`, `5. ${ID}`, `${"9".repeat(17)}.${ID}`])(
    "%j is no cursor of executions",
    (cursor) => {
      expect(() => readHistoryOptions({ cursor })).toThrow(/cursor/);
      expect(() => readPageOptions({ cursor })).toThrow(InvalidJobError);
    },
  );

  test("a cursor of jobs is an id", () => {
    expect(readJobFilter({ cursor: ID })).toEqual({ limit: 100, before: ID });
    for (const cursor of ["", "nope", `${ID} `, "Z".repeat(36), `5.${ID}`])
      expect(() => readJobFilter({ cursor })).toThrow(/cursor/);
  });
});

describe("options", () => {
  test("what is not said has its default", () => {
    expect(readJobFilter({})).toEqual({ limit: 100 });
    expect(readHistoryOptions({})).toEqual({ limit: 100 });
    expect(readPageOptions({})).toEqual({ limit: 100, jobId: null });
    expect(readLogOptions({})).toEqual({ limit: 1_000 });
  });

  test("what is undefined is not said", () => {
    expect(readJobFilter({ text: undefined, cursor: undefined, limit: undefined, handler: undefined })).toEqual({
      limit: 100,
    });
    expect(readHistoryOptions({ from: undefined, statuses: undefined })).toEqual({ limit: 100 });
    expect(readLogOptions({ afterSeq: undefined })).toEqual({ limit: 1_000 });
  });

  test("what is said is passed on", () => {
    const filter = { statuses: ["active"], types: ["cron"], tags: ["a"], text: "t", nextRunBefore: 1, limit: 5 };
    expect(readJobFilter({ ...filter, handler: "h", createdFrom: 0, createdBefore: 2 })).toEqual({
      ...filter,
      handlerName: "h",
      createdFrom: 0,
      createdBefore: 2,
    });
    expect(readLogOptions({ levels: ["warn"], afterSeq: 3, limit: 1 })).toEqual({
      levels: ["warn"],
      afterSeq: 3,
      limit: 1,
    });
  });

  test.each([0, -1, 1.5, 1_001, Number.NaN, Number.POSITIVE_INFINITY, "5", null, []])("%j is no limit", (limit) => {
    for (const read of [readJobFilter, readHistoryOptions, readPageOptions])
      expect(() => read({ limit })).toThrow(/limit/);
  });

  test.each([null, undefined, 5, "text", [], { colour: "red" }])("%j are no options", (options) => {
    for (const read of [readJobFilter, readHistoryOptions, readPageOptions, readLogOptions])
      expect(() => read(options)).toThrow(InvalidJobError);
  });
});
