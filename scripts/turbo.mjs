// Runs turbo without telemetry and update checks, also when nobody set the environment up for it.
import path from "node:path";
import { runInForeground } from "./run-process.mjs";
import { quietEnvironment } from "./toolchain.mjs";

const root = path.resolve(import.meta.dirname, "..");
const turbo = path.join(root, "node_modules", "turbo", "bin", "turbo");
process.exitCode = await runInForeground(["node", turbo, ...process.argv.slice(2)], {
  cwd: root,
  env: quietEnvironment(),
});
