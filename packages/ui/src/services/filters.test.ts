import { expect, test } from "vitest";
import { parseSearch, stringifySearch, withChanges } from "./filters.ts";

test("an address is read as plain words", () => {
  expect(parseSearch("?status=paused%3Aapproval&text=a+b&empty=")).toEqual({ status: "paused:approval", text: "a b" });
});

test("what was read is written again the same", () => {
  const search = { text: "50% & more", status: "failed" };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

test("equal filters are equal addresses", () => {
  expect(stringifySearch({ b: "2", a: "1" })).toBe(stringifySearch({ a: "1", b: "2" }));
});

test("no filter is no question mark", () => {
  expect(stringifySearch({ text: "" })).toBe("");
});

test("a change sets some and removes others", () => {
  expect(withChanges({ a: "1", b: "2" }, { a: undefined, c: "3" })).toEqual({ b: "2", c: "3" });
});
