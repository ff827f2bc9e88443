import { expect, test } from "vitest";
import { ingest } from "./ingest-target.ts";

test("an event from outside is published once or refused, and no delivery is taken that nobody signed", async () => {
  const { inputs, accepted, refused } = await ingest.run({ seed: 20_260_101, runs: 80 });
  expect(inputs).toBe(80);
  expect(accepted).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(20);
}, 120_000);
