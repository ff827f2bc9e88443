import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts" },
  format: "esm",
  target: "node22",
  dts: true,
  // The folder also holds the dashboard, which vite builds and cleans.
  clean: false,
  sourcemap: true,
});
