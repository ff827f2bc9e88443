/**
 * Breaks the transitions of a run in every small way there is, and counts how many of the broken ones a test notices.
 * @type {Partial<import("@stryker-mutator/core").StrykerOptions>}
 */
export default {
  mutate: ["packages/agent/src/execution/transitions.ts"],
  testRunner: "vitest",
  plugins: [import.meta.resolve("@stryker-mutator/vitest-runner")],
  testFiles: ["packages/agent/src/execution/transition*.test.ts", "packages/agent/src/execution/crash-limit.test.ts"],
  coverageAnalysis: "perTest",
  concurrency: 2,
  tempDirName: "out/stryker",
  ignorePatterns: ["*", "!vitest.config.ts", "!packages/agent/src/**"],
  reporters: ["clear-text", "json"],
  jsonReporter: { fileName: "out/mutants.json" },
  thresholds: { high: 95, low: 90, break: 90 },
};
