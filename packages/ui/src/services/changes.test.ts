import { expect, test } from "vitest";
import { kindOf, resourcesOf } from "./changes.ts";
import { RESOURCES } from "./query-keys.ts";

test("a change of a run concerns what shows runs", () => {
  expect(resourcesOf("run")).toEqual(expect.arrayContaining(["runs", "overview", "outputs"]));
});

test("a kind that nobody knows concerns everything", () => {
  expect(resourcesOf("something-new")).toEqual(RESOURCES);
});

test("the kind is read from the JSON that the host sends", () => {
  expect(kindOf('{"kind":"job","id":"1"}')).toBe("job");
});

test.each(["", "{", "[]", "null", '{"kind":7}'])("%j has no kind", (data) => {
  expect(kindOf(data)).toBeNull();
});
