import { expect, test } from "vitest";
import { BoundedCache } from "./bounded-cache.ts";

test("a bounded cache makes a value once, and forgets what was not asked for the longest", () => {
  const cache = new BoundedCache<string>(2);
  const made: string[] = [];
  const ask = (key: string) =>
    cache.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  expect(["a", "b", "a", "c", "a", "b"].map(ask)).toEqual(["A", "B", "A", "C", "A", "B"]);
  expect(made).toEqual(["a", "b", "c", "b"]);
});

test("what could not be made is not kept", () => {
  const cache = new BoundedCache<number>(2);
  const fail = () => {
    throw new RangeError("no");
  };
  expect(() => cache.get("a", fail)).toThrow("no");
  expect(cache.get("a", () => 1)).toBe(1);
});
