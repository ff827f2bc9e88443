/** What becomes of a fixed time on the days on which the clocks change. */

export const GAP_RULES = ["shift", "skip"] as const;
export const OVERLAP_RULES = ["first", "last", "both"] as const;

export interface DstPolicy {
  /** A time that does not exist, because the clocks went forward: at the end of the gap, or not on that day. */
  gap: (typeof GAP_RULES)[number];
  /** A time that occurs twice, because the clocks went back: when it runs. */
  overlap: (typeof OVERLAP_RULES)[number];
}

export const DEFAULT_DST_POLICY: Readonly<DstPolicy> = { gap: "shift", overlap: "first" };
