/** Runs a soak in a process of its own; arguments: folder, hours, seed, hours with restarts. One line of JSON a sample. */
import { runSoak } from "./soak-run.ts";

const [folder = ".", hours = "24", seed = "1", restartedHours = "16"] = process.argv.slice(2);
await runSoak({
  folder,
  hours: Number(hours),
  seed: Number(seed),
  restartedHours: Number(restartedHours),
  onSample: (sample) => process.stdout.write(`${JSON.stringify(sample)}\n`),
});
