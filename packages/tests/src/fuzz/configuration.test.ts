import { expect, test } from "vitest";
import { configuration, runFile } from "./configuration-target.ts";

test("a file that is as it should be runs", async () => {
  expect(await runFile({})).toBe("accepted");
});

test("a file whose exports are not what they should be is refused in words", async () => {
  const { inputs, refused } = await configuration.run({ seed: 20_260_101, runs: 25 });
  expect(inputs).toBe(25);
  expect(refused).toBeGreaterThan(10);
}, 60_000);
