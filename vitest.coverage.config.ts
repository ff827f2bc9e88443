import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

/** How much of what keeps the promises tests must run, in percent. */
const ENOUGH = { lines: 95, branches: 95 };

/** Measures how much of the stores, the execution model, the scheduling and the jobs the quick tests run. */
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    // Counting makes the long ones several times as long.
    testTimeout: 180_000,
    // What happens in processes of its own is not counted, so those tests are not run.
    include: [
      "packages/db/src/**/*.test.ts",
      "packages/agent/src/{execution,jobs,scheduling}/**/*.test.ts",
      "packages/tests/src/{concurrency,conformance,engine,jobs}/**/*.test.ts",
    ],
    coverage: {
      enabled: true,
      provider: "v8",
      include: ["packages/agent/src/{execution,scheduling,jobs}/**/*.ts", "packages/db/src/**/*.ts"],
      exclude: ["**/*.test.ts"],
      reporter: ["text-summary", "json"],
      thresholds: {
        "packages/agent/src/execution/**": ENOUGH,
        "packages/agent/src/scheduling/**": ENOUGH,
        "packages/agent/src/jobs/**": ENOUGH,
        "packages/db/src/**": ENOUGH,
      },
    },
  },
});
