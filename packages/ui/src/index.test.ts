import path from "node:path";
import { expect, test } from "vitest";
import { dashboardDirectory } from "./index.ts";

test("from the sources, the dashboard is where it is built", () => {
  expect(dashboardDirectory).toBe(path.resolve(import.meta.dirname, "..", "dist", "dashboard"));
});
