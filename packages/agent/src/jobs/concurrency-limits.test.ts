import type { Job, ReadyExecution } from "@millrace/db";
import { expect, test } from "vitest";
import { ConcurrencyLimits } from "./concurrency-limits.ts";

// The limits look at no more of an execution and its job than this.
const ready = (concurrencyKey: string | null) => ({ concurrencyKey }) as ReadyExecution;
const job = {
  id: "j",
  platformId: "p",
  overlapPolicy: "allow",
  maxConcurrency: null,
  concurrencyKeyLimit: null,
} as unknown as Job;
const handler = { name: "work", places: 2 };

test("places that are given back twice are given back once", () => {
  const limits = new ConcurrencyLimits(10);
  const take = () => limits.take(ready(null), job, handler);
  const [first, second, third] = [take(), take(), take()];
  if (typeof first === "string" || typeof second === "string") throw new Error("There was room.");
  expect(third).toBe("limit handler work");
  expect(limits.vacate(first)).toEqual(["limit handler work"]);
  expect(limits.vacate(first)).toEqual([]);
  expect(limits.roomOf("limit handler work")).toBe(1);
});

test("a key without a number has one place", () => {
  const limits = new ConcurrencyLimits(10);
  expect(limits.take(ready("db"), job, handler)).toBeInstanceOf(Array);
  expect(limits.take(ready("db"), job, handler)).toBe("limit key p db");
});
