import { describe, expect, test } from "vitest";
import { InvalidJobError } from "../job-errors.ts";
import { resolvePolicy } from "../policy.ts";
import { parseJob } from "./job-input.ts";
import type { ScheduledJobInput } from "./job-input-schema.ts";
import { previewJob, upcomingRuns } from "./preview-job.ts";
import type { Job } from "./scheduler-port.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;
const policy = resolvePolicy().jobs;
const PLAIN = { name: "job", handler: "note" } as const;

const preview = (input: object, count = 3) => previewJob({ ...PLAIN, ...input }, count, NOW, policy);
const times = (runs: readonly { at: number }[]) => runs.map(({ at }) => (at - NOW) / HOUR);

describe("a preview of a schedule", () => {
  test("says in words and in times when the job would run", () => {
    const { description, runs } = preview({ type: "cron", cron: "0 9 * * *" });
    expect(description).toBe("At 09:00 (UTC)");
    expect(times(runs)).toEqual([9, 33, 57]);
  });

  test("ends where the job does: with its last run, or at its end", () => {
    const hourly = { type: "recurring", interval: "1h", startsAt: NOW + HOUR };
    expect(times(preview(hourly, 4).runs)).toEqual([1, 2, 3, 4]);
    expect(times(preview({ ...hourly, maxRuns: 2 }, 4).runs)).toEqual([1, 2]);
    expect(times(preview({ ...hourly, endsAt: NOW + 2.5 * HOUR }, 4).runs)).toEqual([1, 2]);
  });

  test("is empty for a job that an event starts", () => {
    expect(preview({ type: "event", event: "paid" }).runs).toEqual([]);
  });

  test("takes neither a job nor a count that can't be", () => {
    expect(() => preview({ type: "cron", cron: "never" })).toThrow(InvalidJobError);
    for (const count of [0, 1.5, 1_001])
      expect(() => preview({ type: "cron", cron: "@daily" }, count)).toThrow(/number of runs/);
  });
});

describe("the next ticks of a job", () => {
  const job = (input: Partial<ScheduledJobInput>, patch: Partial<Job> = {}): Job => {
    const { definition } = parseJob({ ...PLAIN, ...input } as ScheduledJobInput, NOW, policy);
    // The columns that matter here.
    return { ...definition, nextRun: NOW + HOUR, runCount: 0, ...patch } as Job;
  };
  const hourly = { type: "recurring", interval: "1h" } as const;

  test("begin with its next one, however late that is", () => {
    expect(times(upcomingRuns(job(hourly, { nextRun: NOW - HOUR, anchorAt: NOW - HOUR }), 2))).toEqual([-1, 0]);
    expect(times(upcomingRuns(job(hourly, { anchorAt: NOW }), 3))).toEqual([1, 2, 3]);
  });

  test("are as many as it has left", () => {
    expect(times(upcomingRuns(job({ ...hourly, maxRuns: 5 }, { anchorAt: NOW, runCount: 3 }), 9))).toEqual([1, 2]);
    expect(upcomingRuns(job({ ...hourly, maxRuns: 5 }, { anchorAt: NOW, runCount: 5 }), 9)).toEqual([]);
    const ending = job({ ...hourly, endsAt: NOW + 2 * HOUR }, { anchorAt: NOW });
    expect(times(upcomingRuns(ending, 9))).toEqual([1, 2]);
  });

  test("are one alone where each follows from the end of the one before", () => {
    expect(times(upcomingRuns(job({ ...hourly, mode: "fixed_delay" }), 9))).toEqual([1]);
  });

  test("are none for a job that has no next one, or that an event starts", () => {
    expect(upcomingRuns(job(hourly, { nextRun: null }), 3)).toEqual([]);
    expect(upcomingRuns(job({ type: "event", event: "paid" }), 3)).toEqual([]);
  });
});
