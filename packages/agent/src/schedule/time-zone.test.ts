import { expect, test } from "vitest";
import { formatLocal, instantsOf, isTimeZone, offsetAt } from "./time-zone.ts";

const HOUR = 3_600_000;

test("a time zone is what Intl knows", () => {
  expect(isTimeZone("Europe/Berlin")).toBe(true);
  expect(isTimeZone("UTC")).toBe(true);
  expect(isTimeZone("Mars/Base")).toBe(false);
  expect(isTimeZone("")).toBe(false);
});

test("the offset follows the clocks, to the millisecond", () => {
  const change = Date.parse("2026-03-29T01:00:00Z");
  expect(offsetAt("Europe/Berlin", change - 1)).toBe(HOUR);
  expect(offsetAt("Europe/Berlin", change)).toBe(2 * HOUR);
  expect(offsetAt("America/St_Johns", change)).toBe(-2.5 * HOUR);
  expect(offsetAt("Pacific/Kiritimati", change)).toBe(14 * HOUR);
  expect(() => offsetAt("Mars/Base", change)).toThrow(RangeError);
});

test("a local time is written with its offset", () => {
  expect(formatLocal("Europe/Berlin", Date.parse("2026-03-29T01:00:00Z"))).toBe("2026-03-29T03:00:00+02:00");
  expect(formatLocal("America/St_Johns", Date.parse("2026-01-01T00:00:00Z"))).toBe("2025-12-31T20:30:00-03:30");
  expect(formatLocal("UTC", 0)).toBe("1970-01-01T00:00:00+00:00");
});

test("a wall-clock time comes once, never or twice", () => {
  const berlin = (wall: string) => instantsOf("Europe/Berlin", Date.parse(`${wall}Z`));
  expect(berlin("2026-06-01T12:00:00")).toEqual({ kind: "single", at: Date.parse("2026-06-01T10:00:00Z") });
  expect(berlin("2026-03-29T01:59:59")).toMatchObject({ kind: "single" });
  expect(berlin("2026-03-29T02:00:00")).toEqual({
    kind: "gap",
    change: Date.parse("2026-03-29T01:00:00Z"),
    endWall: Date.parse("2026-03-29T03:00:00Z"),
  });
  expect(berlin("2026-03-29T03:00:00")).toMatchObject({ kind: "single" });
  expect(berlin("2026-10-25T02:00:00")).toEqual({
    kind: "overlap",
    first: Date.parse("2026-10-25T00:00:00Z"),
    last: Date.parse("2026-10-25T01:00:00Z"),
    change: Date.parse("2026-10-25T01:00:00Z"),
    startWall: Date.parse("2026-10-25T02:00:00Z"),
    endWall: Date.parse("2026-10-25T03:00:00Z"),
  });
  expect(berlin("2026-10-25T03:00:00")).toMatchObject({ kind: "single" });
});
