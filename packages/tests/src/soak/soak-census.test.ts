import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { census } from "./soak-census.ts";

class Holder {
  readonly own: Holder = this;
  readonly names = new Map([
    ["a", new Set([1, 2])],
    ["b", new Set([3])],
  ]);
  readonly controller = new AbortController();
  readonly emitter = new EventEmitter();
  readonly empty: string[] = [];
}

test("what an object holds is counted by its path: elements, those within them together, and listeners", () => {
  const holder = new Holder();
  for (let listener = 0; listener < 3; listener += 1) {
    holder.controller.signal.addEventListener("abort", () => listener);
    holder.emitter.on("change", () => listener);
  }
  const counted = Object.entries(census(holder));
  const of = (path: RegExp) => counted.filter(([name]) => path.test(name)).map(([, count]) => count);
  expect(of(/^\/names$/)).toEqual([2]);
  expect(of(/^\/names\/\*$/)).toEqual([3]);
  expect(of(/^\/controller\/signal$/)).toEqual([3]);
  expect(of(/^\/emitter\/_events\/change$/)).toEqual([3]);
  expect(of(/own|empty/)).toEqual([]);
});
