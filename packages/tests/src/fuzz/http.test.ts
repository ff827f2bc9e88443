import { expect, test } from "vitest";
import { framing } from "./framing-target.ts";
import { http } from "./http-target.ts";

test("every operation answers whatever it is sent as it is described, and what it refuses changes nothing", async () => {
  const { inputs, refused } = await http.run({ seed: 20_260_101, runs: 160 });
  expect(inputs).toBeGreaterThan(150);
  expect(refused).toBeGreaterThan(100);
}, 120_000);

test("whatever bytes come over the wire, the host answers or hangs up, and lives", async () => {
  const { inputs } = await framing.run({ seed: 20_260_101, runs: 40 });
  expect(inputs).toBe(40);
}, 120_000);
