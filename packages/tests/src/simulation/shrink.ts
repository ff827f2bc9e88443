/** Makes a failing world smaller while it still fails, so that what is left shows why. */
import { runWorld } from "./simulation.ts";
import type { WorldPlan } from "./world-plan.ts";

export interface Shrunk {
  plan: WorldPlan;
  violations: string[];
  /** How many worlds were tried. */
  tried: number;
}

/** @param limit how many worlds are tried at the most */
export async function shrinkWorld(plan: WorldPlan, violations: readonly string[], limit = 300): Promise<Shrunk> {
  const best: Shrunk = { plan, violations: [...violations], tried: 0 };
  const improve = async (candidate: WorldPlan): Promise<boolean> => {
    if (best.tried >= limit) return false;
    best.tried += 1;
    const result = await runWorld(candidate);
    if (result.violations.length === 0) return false;
    best.plan = candidate;
    best.violations = result.violations;
    return true;
  };
  let before: WorldPlan;
  do {
    before = best.plan;
    await withoutParts(best, "actions", improve);
    await withoutParts(best, "jobs", improve);
    await withoutParts(best, "workflows", improve);
    if (best.plan.trouble > 0) await improve({ ...best.plan, trouble: 0 });
    if (best.plan.storage === "file") await improve({ ...best.plan, storage: "memory" });
  } while (best.plan !== before && best.tried < limit);
  return best;
}

/** Leaves out halves, quarters … and single parts of a list. */
async function withoutParts(
  best: Shrunk,
  list: "actions" | "jobs" | "workflows",
  improve: (candidate: WorldPlan) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.ceil(best.plan[list].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < best.plan[list].length;) {
      const kept = best.plan[list].filter((_, index) => index < start || index >= start + size);
      const isUseful = kept.length < best.plan[list].length && (list !== "workflows" || kept.length > 0);
      const candidate = { ...best.plan, [list]: kept };
      if (!isUseful || !(await improve(candidate))) start += size;
    }
  }
}
