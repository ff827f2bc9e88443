/** Bad input to `schedule` and its like is refused with every fault named, and leaves nothing behind. */
import {
  InvalidJobError,
  NoAgentRunnerError,
  SchemaError,
  UnknownHandlerError,
  type ScheduledJobInput,
} from "@millrace/agent";
import { ValueTooLargeError } from "@millrace/db";
import { expect } from "vitest";
import {
  EVERY_DAY,
  EVERY_HOUR,
  ONCE,
  START,
  refusalWithoutTrace,
  type ErrorClass,
  type SchedulerBehaviours,
} from "./scheduler-bench.ts";

const CRON = EVERY_DAY;
const NOW = { ...ONCE, type: "one_time" } as const;
const RECURRING = { ...EVERY_HOUR, type: "recurring" } as const;
const UNBOUND = { name: "unbound", handler: "note", type: "recurring" } as const;

/** What is given, and what the refusal says of it. */
type Refused = readonly [input: unknown, ...pieces: string[]];

function refused(expected: ErrorClass, inputs: readonly Refused[]) {
  return async (world: Parameters<SchedulerBehaviours[string]>[0]) => {
    for (const [input, ...pieces] of inputs) {
      // What a program without types may give.
      const call = () => world.scheduler.schedule(input as ScheduledJobInput);
      await refusalWithoutTrace(world, call, expected, ...pieces);
    }
  };
}

class Mail {
  readonly to = "a";
}

function cycle(): unknown {
  const ring: Record<string, unknown> = {};
  ring["self"] = { ring };
  return ring;
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

export const badInput: SchedulerBehaviours = {
  "what is no job is refused": refused(InvalidJobError, [
    [null],
    [undefined],
    [[]],
    ["0 9 * * *"],
    [5],
    [{}, "type"],
    [{ ...CRON, type: "weekly" }, "type"],
    [{ type: "one_time" }, "name", "handler"],
  ]),

  "a fault of a cron expression is named with its field and its place": refused(InvalidJobError, [
    [{ ...CRON, cron: "0 25 * * *" }, "daily", "cron", "hour", '"25"', "character 3"],
    [{ ...CRON, cron: "60 9 * * *" }, "minute", "character 1)"],
    [{ ...CRON, cron: "0 9 32 * *" }, "day of month", "character 5"],
    [{ ...CRON, cron: "0 9 * 13 *" }, "month", "character 7"],
    [{ ...CRON, cron: "0 9 * * MOO" }, "day of week", '"MOO"', "character 9"],
    [{ ...CRON, cron: "61 0 9 * * *" }, "second", "character 1)"],
    [{ ...CRON, cron: "0,61 9 * * *" }, '"61"', "character 3"],
    [{ ...CRON, cron: "5-1 9 * * *" }, "ends before it begins"],
    [{ ...CRON, cron: "" }, "0 fields"],
    [{ ...CRON, cron: "0 9 *" }, "3 fields"],
    [{ ...CRON, cron: "@fortnightly" }, "aliases"],
    [{ ...CRON, cron: "* ".repeat(2_000) }, "characters"],
    [{ ...CRON, cron: 5 }, "cron"],
    [{ ...UNBOUND, cron: "0 25 * * *" }, "unbound", "hour", "character 3"],
  ]),

  "a day that no year has is refused": refused(InvalidJobError, [
    [{ ...CRON, cron: "0 9 30 2 *" }, "0 9 30 2 *", "never"],
    [{ ...CRON, cron: "0 9 31 4 *" }, "never"],
  ]),

  "a time zone that nobody knows is refused": refused(InvalidJobError, [
    [{ ...CRON, timezone: "Mars/Olympus" }, "timezone", "Mars/Olympus", "IANA"],
    [{ ...CRON, timezone: "" }, "timezone"],
    [{ ...CRON, timezone: 1 }, "timezone"],
    [{ ...RECURRING, timezone: "Nowhere" }, "timezone", "Nowhere"],
    [{ ...CRON, dst: { gap: "maybe" } }, "dst.gap"],
  ]),

  "a time that is past, that no calendar has, or that is none, is refused": refused(InvalidJobError, [
    [{ ...NOW, at: START - 1 }, "at", "in the past", "2025-12-31T23:59:59.999Z"],
    [{ ...NOW, at: new Date(START - 1) }, "in the past"],
    [{ ...NOW, at: "2025-12-31T23:59:59Z" }, "in the past"],
    [{ ...NOW, at: new Date(-1) }, "at", "1970"],
    [{ ...NOW, at: new Date(Number.NaN) }, "at"],
    [{ ...NOW, at: "tomorrow" }, "at", "2026-01-31T09:00:00Z"],
    [{ ...NOW, at: "2026-02-30T00:00:00Z" }, "at"],
    [{ ...NOW, at: "2026-02-03T00:00:00" }, "at"],
    [{ ...NOW, at: 9e15 }, "at", "9999"],
    [{ ...NOW, at: START + 0.5 }, "at"],
    [{ ...NOW, at: {} }, "at", "time"],
    [{ ...NOW, in: -1 }, "in"],
    [{ ...NOW, in: "soon" }, "in", '"soon"', "duration"],
    [{ ...NOW, in: Number.MAX_SAFE_INTEGER }, "in", "100 years"],
    [{ ...RECURRING, endsAt: START - 1 }, "endsAt", "before the first tick"],
    [{ ...RECURRING, startsAt: START + 10, endsAt: START + 5 }, "endsAt", "before the first tick"],
    [{ ...RECURRING, startsAt: 9e15 }, "startsAt", "9999"],
    [{ ...RECURRING, endsAt: 9e15 }, "endsAt", "9999"],
  ]),

  "two answers to one question, or none, are refused": refused(InvalidJobError, [
    [{ ...NOW, at: START + 5, in: "5s" }, "at, in", "one of them"],
    [UNBOUND, "interval, cron", "one of them"],
    [{ ...RECURRING, cron: "0 9 * * *" }, "interval, cron", "one of them"],
    [{ ...UNBOUND, cron: "0 9 * * *", mode: "fixed_delay" }, "mode", "interval"],
    [{ ...NOW, unique: { key: "u", onConflict: "debounce" } }, "unique.window", "needed"],
    [{ ...NOW, unique: { key: "u", onConflict: "throttle" } }, "unique.window", "needed"],
  ]),

  "keys that nobody knows are refused": refused(InvalidJobError, [
    [{ ...CRON, colour: "red" }, "colour"],
    [{ ...CRON, at: START + 5 }, "at"],
    [{ ...NOW, cron: "0 9 * * *" }, "cron"],
    [{ ...NOW, misfire: { policy: "all", mood: 1 } }, "misfire", "mood"],
    [{ ...NOW, handler: { workflow: "w", topic: "t", producer: "p" } }, "handler"],
  ]),

  "numbers out of their range are refused by name": refused(InvalidJobError, [
    [{ ...NOW, maxRetries: -1 }, "maxRetries"],
    [{ ...NOW, maxRetries: 1.5 }, "maxRetries"],
    [{ ...NOW, maxRetries: 1e9 }, "maxRetries"],
    [{ ...NOW, priority: 101 }, "priority"],
    [{ ...NOW, priority: Number.NaN }, "priority"],
    [{ ...NOW, timeout: 0 }, "timeout"],
    [{ ...NOW, timeout: -5 }, "timeout"],
    [{ ...NOW, retryDelay: "1 hour" }, "retryDelay"],
    [{ ...NOW, maxConcurrency: 0 }, "maxConcurrency"],
    [{ ...NOW, concurrency: { key: "", limit: 1 } }, "concurrency.key"],
    [{ ...NOW, concurrency: { key: "k", limit: 0 } }, "concurrency.limit"],
    [{ ...NOW, autoPauseAfter: 0 }, "autoPauseAfter"],
    [{ ...NOW, keepLast: -1 }, "keepLast"],
    [{ ...NOW, jitter: Number.MAX_SAFE_INTEGER }, "jitter"],
    [{ ...RECURRING, interval: 0 }, "interval", "100 ms"],
    [{ ...RECURRING, interval: 99 }, "interval", "100 ms"],
    [{ ...RECURRING, interval: Number.MAX_SAFE_INTEGER }, "interval"],
    [{ ...RECURRING, interval: Number.POSITIVE_INFINITY }, "interval"],
    [{ ...RECURRING, maxRuns: 0 }, "maxRuns"],
    [{ ...RECURRING, maxRuns: 2.5 }, "maxRuns"],
  ]),

  "texts that are missing, empty or endless are refused by name": refused(InvalidJobError, [
    [{ ...NOW, name: "" }, "name"],
    [{ ...NOW, name: "x".repeat(201) }, "name"],
    [{ ...NOW, name: null }, "name"],
    [{ ...NOW, description: "x".repeat(2_001) }, "description"],
    [{ ...NOW, key: "" }, "key"],
    [{ ...NOW, handler: "" }, "handler"],
    [{ ...NOW, handler: { workflow: "w" } }, "handler", "topic"],
    [{ ...NOW, tags: [""] }, "tags.0"],
    [{ ...NOW, tags: "red" }, "tags"],
    [{ ...NOW, tags: Array.from({ length: 101 }, String) }, "tags"],
    [{ ...ONCE, type: "event" }, "event"],
    [{ ...ONCE, type: "event", event: "" }, "event"],
    [{ ...NOW, overlap: "sometimes" }, "overlap"],
    [{ ...NOW, delivery: "exactly_once" }, "delivery"],
  ]),

  "a payload that is no JSON is refused, with the place in it": refused(InvalidJobError, [
    [{ ...NOW, payload: () => 1 }, "payload", "function"],
    [{ ...NOW, payload: { list: [1, () => 2] } }, "payload", "$.list[1]", "function"],
    [{ ...NOW, payload: cycle() }, "payload", "$.self.ring", "itself"],
    [{ ...NOW, payload: { on: new Date(START) } }, "payload", "$.on", "Date"],
    [{ ...NOW, payload: { amount: Number.NaN } }, "payload", "$.amount", "NaN"],
    [{ ...NOW, payload: Number.POSITIVE_INFINITY }, "payload", "Infinity"],
    [{ ...NOW, payload: new Map() }, "payload", "Map"],
    [{ ...NOW, payload: new Mail() }, "payload", "Mail"],
    [{ ...NOW, payload: 1n }, "payload", "bigint"],
    [{ ...NOW, payload: Symbol("s") }, "payload", "symbol"],
    [{ ...NOW, payload: [undefined] }, "payload", "$[0]"],
    [{ ...NOW, payload: deep(10_000) }, "payload", "levels"],
    [{ ...NOW, metadata: { owner: () => 1 } }, "metadata.owner"],
    [{ ...NOW, metadata: cycle() }, "metadata"],
    [{ ...NOW, metadata: [1] }, "metadata"],
  ]),

  "a payload over the limit is refused": refused(ValueTooLargeError, [
    [{ ...NOW, payload: "x".repeat(2_000_000) }, "payload", "once", "2000002", "limit"],
    [{ ...NOW, metadata: { text: "x".repeat(2_000_000) } }, "once", "limit"],
  ]),

  "a payload that does not fit the handler's schema is refused": refused(SchemaError, [
    [{ ...NOW, handler: "typed", payload: { to: "nobody" } }, "typed", "to"],
    [{ ...NOW, handler: "typed", payload: { to: "a@b.example", copies: 0 } }, "typed", "copies"],
    [{ ...NOW, handler: "typed" }, "typed"],
    [{ ...CRON, handler: "typed", payload: [] }, "typed"],
  ]),

  "a handler that is not here is refused": refused(UnknownHandlerError, [
    [{ ...NOW, handler: "nobody" }, "nobody", "note", "typed"],
    [{ ...NOW, handler: "__proto__" }, "__proto__"],
    [{ ...NOW, handler: { workflow: "none", topic: "mail" } }, "none", "mail"],
    [{ ...NOW, handler: { workflow: "none", producer: "poll" } }, "none", "poll"],
  ]),

  "an agent is refused where there is no agent runner": refused(NoAgentRunnerError, [
    [{ ...NOW, handler: { agent: "helper" }, payload: { prompt: "Help" } }, "agentRunner"],
  ]),

  "every fault of an input is listed": async ({ scheduler }) => {
    const call = scheduler.schedule({ ...NOW, name: "", priority: 1_000, maxRetries: -1 });
    await expect(call).rejects.toMatchObject({
      faults: [
        expect.stringMatching(/^name: /),
        expect.stringMatching(/^maxRetries: /),
        expect.stringMatching(/^priority: /),
      ],
    });
  },

  "scheduleOnce and scheduleRecurring refuse what schedule refuses": async (world) => {
    const { scheduler } = world;
    const faulty: readonly [() => Promise<unknown>, ErrorClass, string][] = [
      [() => scheduler.scheduleOnce({ ...ONCE, at: START - 1 }), InvalidJobError, "past"],
      [() => scheduler.scheduleOnce({ ...ONCE, at: START, in: 5 }), InvalidJobError, "at, in"],
      [() => scheduler.scheduleOnce({ ...ONCE, handler: "nobody" }), UnknownHandlerError, "nobody"],
      [() => scheduler.scheduleOnce(null as never), InvalidJobError, "name"],
      [() => scheduler.scheduleRecurring({ ...UNBOUND, type: undefined } as never), InvalidJobError, "interval"],
      [() => scheduler.scheduleRecurring({ ...EVERY_HOUR, cron: "@daily" }), InvalidJobError, "interval, cron"],
      [() => scheduler.scheduleRecurring({ ...EVERY_HOUR, maxRuns: 0 }), InvalidJobError, "maxRuns"],
    ];
    for (const [call, expected, piece] of faulty) await refusalWithoutTrace(world, call, expected, piece);
  },

  "what is refused once can be given right afterwards": async (world) => {
    const { scheduler } = world;
    const call = (priority: number) => scheduler.onEvent("paid", () => null, { priority });
    await refusalWithoutTrace(world, () => call(1_000), InvalidJobError, "priority");
    expect((await call(5)).priority).toBe(5);
    await refusalWithoutTrace(world, () => scheduler.onEvent("late", 5 as never), InvalidJobError, "late", "function");
    await refusalWithoutTrace(world, () => scheduler.onEvent("", () => null), InvalidJobError, "event");
  },

  "a payload may be any JSON value, and is not the caller's object": async (world) => {
    const list = [1];
    const payloads = [null, true, 0, -1.5, "", "\0\ud800 ß 漢", [], {}, { list, left: undefined }, deep(200)];
    for (const payload of payloads) {
      const job = await world.scheduler.scheduleOnce({ ...ONCE, in: "1h", payload: payload as never });
      expect(job.payload).toEqual(payload);
    }
    list.push(2);
    await world.advance("2h");
    expect(world.notes.at(-2)?.payload).toEqual({ list: [1] });
  },
};
