import { expect, test } from "vitest";
import { readResult } from "./read-result.ts";

test("an empty text gives no result", () => {
  expect(readResult(" \n")).toEqual({ ok: true, given: {} });
});

test("JSON text is the result, null included", () => {
  expect(readResult('{"id":7}')).toEqual({ ok: true, given: { result: { id: 7 } } });
  expect(readResult("null")).toEqual({ ok: true, given: { result: null } });
});

test("anything else is said to be no JSON", () => {
  expect(readResult("id: 7")).toMatchObject({ ok: false, problem: expect.stringContaining("not JSON") });
});
