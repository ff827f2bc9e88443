import { expect, test } from "vitest";
import { describeCron, describeSchedule } from "./describe-schedule.ts";
import { DEFAULT_DST_POLICY } from "./dst-policy.ts";

test.each([
  ["0 9 * * 1-5", "At 09:00, Monday through Friday"],
  ["30 2,14 * * *", "At 02:30 and 14:30"],
  ["*/10 * * * * *", "Every 10 seconds"],
  ["@weekly", "At 00:00, only on Sunday"],
  ["0 9 ? * 1", "At 09:00, only on Monday"],
])("%s is: %s", (expression, words) => {
  expect(describeCron(expression, "Europe/Berlin")).toBe(`${words} (Europe/Berlin)`);
});

test.each([
  ["0 9 1 * 1", "At 09:00 on day 1 of the month, or on Monday"],
  ["0 9 1 * MON-FRI", "At 09:00 on day 1 of the month, or Monday through Friday"],
  ["0 9 1 JAN MON", "At 09:00 on day 1 of the month, or on Monday, only in January"],
  ["0 9 LW * 5L", "At 09:00 on the last weekday of the month, or on the last Friday of the month"],
  ["0 9 */2 * 1,3", "At 09:00, every 2 days in a month, or on Monday and Wednesday"],
  [
    "15 */5 9-17 1,15 * 7",
    "At 15 seconds past the minute, every 5 minutes, between 09:00 and 17:59, on day 1 and 15 of the month, or on Sunday",
  ],
])("%s, which restricts both days, means either: %s", (expression, words) => {
  expect(describeCron(expression, "UTC")).toBe(`${words} (UTC)`);
});

test("with a plus before the weekday both days must match, and the description says so", () => {
  expect(describeCron("0 9 1 * +MON", "UTC")).toBe("At 09:00, on day 1 of the month, and on Monday (UTC)");
});

test("an expression without words stands for itself", () => {
  expect(describeCron("0 9 * *", "UTC")).toBe('"0 9 * *" (UTC)');
  expect(describeCron("0 99 * * *", "UTC")).toBe('"0 99 * * *" (UTC)');
});

test.each([
  [{ kind: "interval", everyMs: 300_000, anchor: 0 } as const, "every 5 minutes"],
  [{ kind: "interval", everyMs: 3_600_000, anchor: 0 } as const, "every hour"],
  [{ kind: "interval", everyMs: 5_400_000, anchor: 0 } as const, "every 1 hour 30 minutes"],
  [{ kind: "once", at: Date.parse("2026-03-29T01:00:00Z") } as const, "once at 2026-03-29T01:00:00.000Z"],
  [
    { kind: "cron", expression: "@daily", timezone: "Asia/Tokyo", dst: { ...DEFAULT_DST_POLICY } } as const,
    "At 00:00 (Asia/Tokyo)",
  ],
])("a schedule is said in words: %j", (schedule, words) => {
  expect(describeSchedule(schedule)).toBe(words);
});
