import { describe, expect, test } from "vitest";
import { BROKEN_STORES } from "./broken-stores.ts";
import { MODELS } from "./models.ts";

/** More than any of them needs. */
const SEQUENCES = 300;

describe("a broken store does not agree with its model", () => {
  test.each(BROKEN_STORES)("$what", async ({ model, breakStores }) => {
    const { disagreement } = await MODELS[model].run({ sequences: SEQUENCES, seed: 1, breakStores, shrink: false });
    expect(disagreement).not.toBeNull();
  });
});
