import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ForeignCursorError, limitOf, readCursor, viewOf, writeCursor } from "./pages.ts";

const next = { at: 1_767_225_600_000, id: "019b76da-a800-7000-8000-1d85297a3032" };

test("a cursor names a place in a list", () => {
  expect(readCursor(writeCursor(next))).toEqual(next);
});

test("any other text is none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => readCursor(text)).toThrow(ForeignCursorError);
    }),
  );
});

test.each([
  [undefined, 50],
  [1, 1],
  [0, 1],
  [-5, 1],
  [200, 200],
  [1e9, 200],
])("a page of %s rows has %i", (limit, expected) => {
  expect(limitOf({ limit })).toBe(expected);
});

test.each([
  [[1, 2], next, false],
  [[1], next, true],
  [[], next, true],
  [[1], null, false],
])("of %o rows with %o to come the page is partial: %s", (rows, following, partial) => {
  const view = viewOf({ rows, next: following }, { limit: 2 }, String);
  expect(view).toEqual({ items: rows.map(String), nextCursor: following && writeCursor(next), partial });
});
