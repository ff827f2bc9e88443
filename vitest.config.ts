import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run on the sources, not on the built packages.
  resolve: { conditions: ["millrace-source"] },
  ssr: { resolve: { conditions: ["millrace-source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "examples/*/src/**/*.test.ts"],
    pool: "forks",
    // Vitest would leave one processor free; most tests wait for a disk, a socket or a child process.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
  },
});
