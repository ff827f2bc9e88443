import { describe, expect, test } from "vitest";
import { KEPT } from "./kept-seeds.ts";
import { MODELS } from "./models.ts";

/** About a thousand in all. */
const SEQUENCES = 100;

const seed = Math.floor(Math.random() * 2 ** 31);

describe.each(Object.entries(MODELS))("%s", (key, model) => {
  test("any sequence of commands agrees with the model", async () => {
    const { disagreement } = await model.run({ sequences: SEQUENCES, seed });
    expect(disagreement).toBeNull();
  });

  test("the sequences that once did not agree with the model do", async () => {
    for (const kept of KEPT.filter((one) => one.model === key)) {
      const { disagreement } = await model.run({ sequences: kept.sequences, seed: kept.seed });
      expect(disagreement).toBeNull();
    }
  });
});
