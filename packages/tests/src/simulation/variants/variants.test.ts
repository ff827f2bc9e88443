import { describe, expect, test } from "vitest";
import { variants } from "./all-variants.ts";
import { runVariant } from "./run-variant.ts";
import { checkEdits } from "./variant.ts";

/** `pnpm variants` runs all of them; these stand for the others. */
const SAMPLE = [
  "in flight written after the call",
  "blind retry after a crash",
  "uncertain taken for failed",
  "settle window ignored",
  "sent before its row is on disk",
  "failed commit ignored",
  "reservations not transferred",
  "release forgotten on failure",
  "dirty cleared at commit",
];
/** A change of how worlds are drawn moves what a seed stands for: a few more worlds are tried. */
const MORE = 25;
const sample = variants.filter(({ name }) => SAMPLE.includes(name));

describe("broken variants of the engine", () => {
  test("there are more than a few, each with a name of its own", () => {
    const names = variants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(24);
    expect(sample.map(({ name }) => name).toSorted()).toEqual(SAMPLE.toSorted());
  });

  test.each(variants)("$name fits the sources", (variant) => {
    expect(() => checkEdits(variant)).not.toThrow();
  });

  test.each(sample)("$name is caught", { timeout: 120_000 }, async ({ name, seed }) => {
    const [caught] = await runVariant(name, { from: seed, seeds: MORE });
    expect(caught?.violations.length).toBeGreaterThan(0);
  });
});
