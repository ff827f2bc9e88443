/** How many outputs an input led to, in words. */
import type { ListedInput } from "../../services/inputs.ts";

export function OutputCounts({ happened, unknown, failed, waiting }: ListedInput["outputs"]) {
  const parts = [
    [unknown, "unknown"],
    [failed, "failed"],
    [waiting, "to come"],
    [happened, "happened"],
  ] as const;
  const present = parts.filter(([count]) => count > 0);
  return present.length === 0 ? "none" : present.map(([count, word]) => `${count} ${word}`).join(", ");
}
