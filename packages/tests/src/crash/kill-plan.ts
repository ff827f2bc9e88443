/** How a life is to end: at which moment it is killed, and by whom. */
import type { Trap } from "./receiver-record.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The moments that a kill is counted under. */
export const MOMENTS = [
  "while node starts",
  "while it opens or recovers",
  "before a commit",
  "after a commit",
  "before an effect",
  "before an effect, which is lost",
  "after an effect",
  "at random",
  "while a second one is refused",
] as const;
export type Moment = (typeof MOMENTS)[number];

export type Plan =
  /** So long after its start. */
  | { kind: "boot"; afterMs: number }
  /** So long after it has begun to open the database. */
  | { kind: "opening"; afterMs: number }
  /** So long after its engine runs. */
  | { kind: "running"; afterMs: number }
  /** By itself, at a commit. */
  | { kind: "commit"; at: number; moment: "before-commit" | "after-commit" }
  /** By the receiver, at a request. */
  | { kind: "effect"; trap: Trap }
  /** So long after a second process was refused. */
  | { kind: "overlap"; afterMs: number };

const BOOT_MS = 60;
const OPENING_MS = 60;
const RUNNING_MS = 140;
/** Commits of opening and recovery, and of all of a life. */
const FIRST_COMMITS = 12;
const COMMITS = 40;
const MOST_SKIPPED = 2;

/** Most lives end after their engine has started: there is more to break. */
export function planLife(random: SeededRandom): Plan {
  const share = random.next();
  if (share < 0.02) return { kind: "boot", afterMs: random.between(0, BOOT_MS) };
  if (share < 0.14) return { kind: "opening", afterMs: random.between(0, OPENING_MS) };
  if (share < 0.42) return planCommit(random);
  if (share < 0.66) return { kind: "effect", trap: planTrap(random) };
  if (share < 0.7) return { kind: "overlap", afterMs: random.between(0, RUNNING_MS / 4) };
  return { kind: "running", afterMs: random.between(0, RUNNING_MS) };
}

function planCommit(random: SeededRandom): Plan {
  const at = random.between(1, random.chance(0.3) ? FIRST_COMMITS : COMMITS);
  return { kind: "commit", at, moment: random.chance(0.5) ? "before-commit" : "after-commit" };
}

function planTrap(random: SeededRandom): Trap {
  const moments = ["before-effect", "before-effect-lost", "after-effect"] as const;
  return { moment: moments[random.between(0, 2)] ?? "after-effect", skip: random.between(0, MOST_SKIPPED) };
}

/** Under which moment a planned death counts. */
export function momentOf(plan: Plan): Moment {
  switch (plan.kind) {
    case "boot":
      return "while node starts";
    case "opening":
      return "while it opens or recovers";
    case "running":
      return "at random";
    case "commit":
      return plan.moment === "before-commit" ? "before a commit" : "after a commit";
    case "effect":
      return MOMENT_OF_TRAP[plan.trap.moment];
    case "overlap":
      return "while a second one is refused";
  }
}

const MOMENT_OF_TRAP = {
  "before-effect": "before an effect",
  "before-effect-lost": "before an effect, which is lost",
  "after-effect": "after an effect",
} as const satisfies Record<Trap["moment"], Moment>;
