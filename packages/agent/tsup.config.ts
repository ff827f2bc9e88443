import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", "testing/index": "src/testing/index.ts", "loop-thread": "src/stall/loop-thread.ts" },
  format: "esm",
  target: "node22",
  dts: { entry: { index: "src/index.ts", "testing/index": "src/testing/index.ts" } },
  clean: true,
  sourcemap: true,
});
