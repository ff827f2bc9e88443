import { describe, expect, test } from "vitest";
import { z } from "zod";
import { InvalidJobError } from "../job-errors.ts";
import { resolvePolicy } from "../policy.ts";
import { parseJob, readInput } from "./job-input.ts";
import { instant, type ScheduledJobInput } from "./job-input-schema.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const POLICY = resolvePolicy().jobs;
const HOUR = 3_600_000;

const once = { type: "one_time", name: "once", handler: "note" } as const;
const hourly = { type: "recurring", name: "hourly", handler: "note", interval: "1h" } as const;
const daily = { type: "cron", name: "daily", handler: "note", cron: "0 9 * * *" } as const;

const parse = (input: ScheduledJobInput, now = NOW) => parseJob(input, now, POLICY);

function faultsOf(input: unknown): readonly string[] {
  try {
    parseJob(input as ScheduledJobInput, NOW, POLICY);
  } catch (error) {
    if (error instanceof InvalidJobError) return error.faults;
    throw error;
  }
  return [];
}

describe("durations and times", () => {
  test.each([
    [0, 0],
    [1_500, 1_500],
    ["0ms", 0],
    ["30s", 30_000],
    ["1h30m", 90 * 60_000],
    ["36525d", 36_525 * 24 * HOUR],
  ])("%j is a duration", (given, milliseconds) => {
    expect(parse({ ...once, in: given }).definition.runAt).toBe(NOW + milliseconds);
  });

  test.each([
    [-1, "in: Too small"],
    [1.5, "in: is not a duration"],
    [Number.NaN, "in: is not a duration"],
    [Number.POSITIVE_INFINITY, "in: is not a duration"],
    [{}, "in: is not a duration"],
    ["", 'in: "" is not a duration'],
    ["1 h", 'in: "1 h" is not a duration'],
    ["-1h", 'in: "-1h" is not a duration'],
    ["1y", 'in: "1y" is not a duration'],
    ["999999999999999999999h", "is not a duration"],
    ["36526d", "in: must not be longer than 100 years"],
    [Number.MAX_SAFE_INTEGER, "in: must not be longer than 100 years"],
  ])("%j is not a duration", (given, fault) => {
    const [first, ...rest] = faultsOf({ ...once, in: given });
    expect(first).toContain(fault);
    expect(rest).toEqual([]);
  });

  test.each([
    [NOW, NOW],
    [new Date(NOW), NOW],
    ["2026-01-01T00:00:00Z", NOW],
    ["2026-01-01T01:00:00.000+01:00", NOW],
    ["9999-12-31T00:00:00Z", Date.UTC(9999, 11, 31)],
  ])("%j is a time", (given, time) => {
    expect(readInput(instant, given)).toBe(time);
  });

  test.each([
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "now",
    "",
    0.5,
    8.64e15,
    Number.NaN,
    null,
    undefined,
    {},
    new Date(Number.NaN),
    new Date(-1),
    "1969-12-31T23:59:59Z",
  ])("%j is not a time", (given) => {
    expect(() => readInput(instant, given)).toThrow(/time/);
  });
});

describe("what an input means", () => {
  test("a one-time job is due when it says, or at once", () => {
    expect(parse(once).definition.runAt).toBe(NOW);
    expect(parse({ ...once, at: NOW }).definition.runAt).toBe(NOW);
    expect(parse({ ...once, in: "1h" }).definition.runAt).toBe(NOW + HOUR);
  });

  test("debounced work is due after its window unless it says when", () => {
    const unique = { key: "k", onConflict: "debounce", window: "10s" } as const;
    expect(parse({ ...once, unique }).definition.runAt).toBe(NOW + 10_000);
    expect(parse({ ...once, unique, in: "1h" }).definition.runAt).toBe(NOW + HOUR);
    expect(parse({ ...once, unique }).unique).toEqual({ key: "k", onConflict: "debounce", windowMs: 10_000 });
  });

  test("without a start an interval has none yet: it counts from when it is stored", () => {
    expect(parse(hourly).definition).toMatchObject({ anchorAt: null, intervalMs: HOUR, cronExpression: null });
    const cron = parse({ type: "recurring", name: "c", handler: "note", cron: "@daily" });
    expect(cron.definition).toMatchObject({ anchorAt: null, intervalMs: null, cronExpression: "0 0 * * *" });
  });

  test("only what goes on is paused after failures, unless it says so", () => {
    expect(parse(daily).definition.autoPauseAfter).toBe(10);
    expect(parse(hourly).definition.autoPauseAfter).toBe(10);
    expect(parse({ ...daily, autoPauseAfter: null }).definition.autoPauseAfter).toBeNull();
    expect(parse(once).definition.autoPauseAfter).toBeNull();
    expect(parse({ ...once, autoPauseAfter: 3 }).definition.autoPauseAfter).toBe(3);
  });

  test("handlers are functions, parts of workflows, or agents", () => {
    const handlerOf = (handler: ScheduledJobInput["handler"]) => parse({ ...once, handler }).definition;
    expect(handlerOf("note")).toMatchObject({ handlerType: "function", handlerName: "note", handlerTarget: null });
    expect(handlerOf({ agent: "a" })).toMatchObject({ handlerType: "agent", handlerName: "a", handlerTarget: null });
    expect(handlerOf({ workflow: "w", topic: "t" })).toMatchObject({
      handlerType: "workflow",
      handlerName: "w",
      handlerTarget: { topic: "t" },
    });
    expect(handlerOf({ workflow: "w", producer: "p" }).handlerTarget).toEqual({ producer: "p" });
  });

  test("a payload is taken as it is now, and what is undefined in it is left out", () => {
    const payload = { list: [1], left: undefined };
    const { definition } = parse({ ...once, payload: payload as never });
    payload.list.push(2);
    expect(definition.payload).toStrictEqual({ list: [1] });
  });

  test("tags are kept once each, in their order", () => {
    expect(parse({ ...once, tags: ["b", "a", "b"] }).definition.tags).toEqual(["b", "a"]);
  });
});

describe("digests", () => {
  test("the same input has the same digest tomorrow", () => {
    for (const input of [once, hourly, daily, { ...once, in: "1h" }] as const)
      expect(parse(input, NOW + 24 * HOUR).digest).toBe(parse(input).digest);
  });

  test("the same meaning in other words has the same digest", () => {
    expect(parse({ ...hourly, interval: HOUR }).digest).toBe(parse(hourly).digest);
    expect(parse({ ...daily, cron: "@hourly" }).digest).toBe(parse({ ...daily, cron: "0 * * * *" }).digest);
    expect(parse({ ...daily, maxRetries: 3, tags: [] }).digest).toBe(parse(daily).digest);
  });

  test("another meaning has another digest", () => {
    const inputs: ScheduledJobInput[] = [
      once,
      { ...once, at: NOW },
      { ...once, in: 0 },
      { ...once, in: 5 },
      { ...once, payload: 1 },
      { ...once, payload: "1" },
      { ...once, handler: { agent: "note" } },
      hourly,
      { ...hourly, startsAt: NOW },
      { ...hourly, mode: "fixed_delay" },
      daily,
      { ...daily, timezone: "Europe/Berlin" },
      { ...daily, dst: { gap: "skip" } },
    ];
    expect(new Set(inputs.map((input) => parse(input).digest)).size).toBe(inputs.length);
  });
});

describe("faults", () => {
  test("every fault is listed with its path", () => {
    expect(faultsOf({ ...once, name: "", priority: 500, misfire: { limit: 0 } })).toEqual([
      expect.stringMatching(/^name: /),
      expect.stringMatching(/^priority: /),
      expect.stringMatching(/^misfire\.limit: /),
    ]);
  });

  test("faults of the schedule are listed together, under the job's name", () => {
    const input = { ...hourly, interval: 5, cron: "0 25 * * *", endsAt: NOW - 1 } as const;
    expect(faultsOf(input)).toEqual([
      expect.stringContaining('cron: the hour "25" is not valid'),
      "interval, cron: give one of them",
      "interval: must be at least 100 ms",
      "endsAt: 2025-12-31T23:59:59.999Z is before the first tick",
    ]);
    expect(() => parse(input)).toThrow('The job "hourly" is not valid');
  });

  test("the place of a fault of cron is counted from one", () => {
    expect(faultsOf({ ...daily, cron: "0 9 * * MON,FOO" })[0]).toContain('"FOO" is not valid');
    expect(faultsOf({ ...daily, cron: "0 9 * * MON,FOO" })[0]).toContain("(at character 13)");
  });

  test.each([
    [{ type: "corn" }, /^type: "corn" is no type of job\. It is cron .*, recurring .*, one_time .* or event /],
    [{ type: 7 }, /^type: 7 is no type of job/],
    [{}, /^type: is missing: a job is cron /],
  ])("the types of jobs are listed for %j", (input, message) => {
    expect(faultsOf({ name: "n", handler: "h", ...input })).toEqual([expect.stringMatching(message)]);
  });

  test("a time without a zone is told apart from what is no time", () => {
    expect(faultsOf({ ...once, at: "2026-01-31T09:00:00" })[0]).toContain(
      'at: "2026-01-31T09:00:00" needs a time zone: end it with Z',
    );
    expect(faultsOf({ ...once, at: "soon" })[0]).toContain("at: is not a time such as");
  });

  test.each([{ timezone: "Europe/Berlin" }, { dst: { gap: "skip" } as const }])("an interval takes no %j", (zone) => {
    expect(faultsOf({ ...hourly, ...zone })).toEqual([
      "timezone, dst: go with cron; an interval is equally long everywhere",
    ]);
  });

  test("readInput names what it reads", () => {
    expect(() => readInput(z.int(), "x", "The number")).toThrow(/^The number is not valid:\n {2}- Invalid input/);
    expect(readInput(z.int(), 5)).toBe(5);
  });
});

test("a tick is on time for up to half of the time to the next one, and at the most for the policy's minute", () => {
  const grace = (input: object) =>
    parseJob({ name: "n", handler: "h", ...input } as ScheduledJobInput, NOW, resolvePolicy().jobs).definition
      .misfireGraceMs;
  expect(grace({ type: "recurring", interval: "10s" })).toBe(5_000);
  expect(grace({ type: "recurring", interval: "1h" })).toBe(60_000);
  expect(grace({ type: "cron", cron: "*/2 * * * * *" })).toBe(1_000);
  expect(grace({ type: "cron", cron: "@daily" })).toBe(60_000);
  expect(grace({ type: "one_time", in: "1s" })).toBe(60_000);
  expect(grace({ type: "cron", cron: "*/2 * * * * *", misfire: { grace: "30s" } })).toBe(30_000);
});
