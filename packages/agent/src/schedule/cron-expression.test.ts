import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cronFault, parseCron } from "./cron-expression.ts";

test.each([
  ["61 * * * *", "minute", 0],
  ["0 25 * * *", "hour", 2],
  ["0 9 1,15,32 * *", "day of month", 9],
  ["0  9 , * *", "day of month", 5],
  ["0 9 LW,3 * *", "day of month", 4],
  ["0 9 * 13 *", "month", 6],
  ["0 9 * JANUARY *", "month", 6],
  ["0 9 * * MON-FRI,8", "day of week", 16],
  ["0,60 0 9 * * *", "second", 2],
  ["0 5/15 9 * * *", "minute", 2],
  ["*/5 * * * * *,", "day of week", 12],
  ["1,, * * * *", "minute", 0],
  ["a b c d e", "minute", 0],
  ["@reboot", null, null],
  ["constructor", null, null],
  ["* * *", null, null],
  ["", null, null],
  ["0 0 0 1 1 * 2026", null, 12],
  ["0 0 30 2 *", null, null],
  ["0 0 31 4,6,9,11 *", null, null],
])('"%s" is at fault in its %s, at %s', (expression, field, position) => {
  expect(cronFault(expression, "UTC")).toMatchObject({ field, position });
});

test.each([
  ["61 * * * *", 'the minute "61" is not valid: it takes 0-59, lists, ranges and steps'],
  ["0 0 1 5-2 *", 'the month "5-2" is not valid: the range ends before it begins'],
  ["5/15 * * * *", 'the minute "5/15" is not valid: a step needs a range before it, such as */15 or 0-59/15'],
  ["* * *", '"* * *" has 3 fields; 5 are expected (minute, hour, day of month, month, day of week)'],
  ["@reboot", '"@reboot" is not one of the aliases @yearly,'],
  ["0 0 30 2 *", '"0 0 30 2 *" never fires'],
])('the fault of "%s" is said in words', (expression, message) => {
  expect(cronFault(expression, "UTC")?.message).toContain(message);
});

test("a time zone that there is not is a fault of its own", () => {
  expect(cronFault("* * * * *", "Mars/Base")).toEqual({
    message: '"Mars/Base" is not an IANA time zone',
    field: "timezone",
    position: null,
  });
  expect(cronFault("* * * * *", "")?.field).toBe("timezone");
});

test.each([
  "@daily",
  " @Weekly ",
  "0 9 * * 1-5",
  "*/10 * * * * *",
  "0 9 LW * *",
  "0 9 15W * 1#2",
  "0 9 ? JAN-MAR SUN",
  "0 0 29 2 *",
])('"%s" has no fault', (expression) => {
  expect(cronFault(expression, "Europe/Berlin")).toBeNull();
});

test("an expression of endless length is refused at once", () => {
  expect(cronFault(`${"1,".repeat(1_000_000)}1 * * * *`, "UTC")?.message).toBe(
    "it has 2000009 characters; 1000 are allowed",
  );
});

test("any text gets an answer, and what has no fault can be read", () => {
  const field = fc.string({ unit: fc.constantFrom(..."0123456789*,-/LW#?@+ AMONJ".split("")), maxLength: 5 });
  const text = fc.oneof(
    fc.string(),
    fc.array(field, { minLength: 4, maxLength: 7 }).map((fields) => fields.join(" ")),
  );
  fc.assert(
    fc.property(text, (expression) => {
      if (cronFault(expression, "UTC") === null) expect(parseCron(expression).nextWall(0)).not.toBeNull();
    }),
    { numRuns: 2_000 },
  );
});

test("a fixed time has neither wildcard nor step in seconds, minutes and hours", () => {
  expect(
    ["30 2 * * *", "0-5 2,14 1 * *", "15 30 2 * * *", "@daily"].map((text) => parseCron(text).isFixedTime),
  ).toEqual([true, true, true, true]);
  expect(
    ["* 2 * * *", "*/5 2 * * *", "0 0-12/2 * * *", "* 0 2 * * *", "@hourly", "0 ? * * *"].some(
      (text) => parseCron(text).isFixedTime,
    ),
  ).toBe(false);
});
