import { expect, test } from "vitest";
import { createIdSource, type EventId } from "./ids.ts";

test("ids ascend within one millisecond and when the clock goes back", () => {
  const times = [5_000, 5_000, 4_000, 6_000, 1];
  const newId = createIdSource({ now: () => times.shift() ?? 0 });
  const ids = Array.from({ length: 5 }, () => newId<EventId>());
  expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ids);
  expect(new Set(ids).size).toBe(5);
});

test("with the same time and randomness the same ids are made again", () => {
  const make = () => {
    const newId = createIdSource({ now: () => 5_000, random: () => new Uint8Array(16).fill(7) });
    return [newId<EventId>(), newId<EventId>()];
  };
  expect(make()).toEqual(make());
});
