/** Seeds that once led to a disagreement. */
import type { MODELS } from "./models.ts";

interface KeptSeed {
  model: keyof typeof MODELS;
  seed: number;
  /** How many sequences of the seed are run. */
  sequences: number;
}

export const KEPT: readonly KeptSeed[] = [
  // A call that waited for approval could be sent as a new one; what waited for a decision could be begun anew.
  { model: "execution", seed: 2, sequences: 90 },
  // A crashed run that waits is due at once when a new version is deployed.
  { model: "execution", seed: 1_310_903_213, sequences: 40 },
];
