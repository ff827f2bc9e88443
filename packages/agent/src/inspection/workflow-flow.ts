/** What came into a workflow lately, what went out, and which led to which. Pure. */
import type { InputGlance, MutationStatus, OutputCount } from "@millrace/db";

/** How many inputs of a kind led to how many outputs of a kind, among the newest inputs. */
export interface Flow {
  /** How many of the newest inputs were looked at. */
  inputs: number;
  /** When the oldest of them came, in Unix milliseconds; null where there are none. */
  since: number | null;
  sources: { source: string; type: string; count: number }[];
  connectors: ({ connector: string; operation: string } & Record<OutputFate, number>)[];
  /** How many outputs of an operation inputs of a source and type led to. */
  links: { source: string; type: string; connector: string; operation: string; count: number }[];
}

type OutputFate = "applied" | "unknown" | "failed" | "waiting";

const FATE_OF: Record<MutationStatus, OutputFate> = {
  pending: "waiting",
  in_flight: "waiting",
  applied: "applied",
  failed: "failed",
  needs_reconcile: "unknown",
  indeterminate: "unknown",
};

/**
 * @param glances what came of inputs of each source and type
 * @param outputs the same outputs, each counted once however many kinds of inputs are behind it
 */
export function flowOf(
  newest: { count: number; since: number | null },
  glances: readonly InputGlance[],
  outputs: readonly OutputCount[],
): Flow {
  return {
    inputs: newest.count,
    since: newest.since,
    sources: glances.map(({ source, type, inputs }) => ({ source, type, count: inputs })),
    connectors: addUp(outputs),
    links: glances.flatMap(linksOf),
  };
}

function addUp(outputs: readonly OutputCount[]): Flow["connectors"] {
  const sums = new Map<string, Flow["connectors"][number]>();
  for (const { connector, operation, status, mutations } of outputs) {
    const key = `${connector}.${operation}`;
    const sum = sums.get(key) ?? { connector, operation, applied: 0, unknown: 0, failed: 0, waiting: 0 };
    sum[FATE_OF[status]] += mutations;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

function linksOf({ source, type, outputs }: InputGlance): Flow["links"] {
  const links = new Map<string, Flow["links"][number]>();
  for (const { connector, operation, mutations } of outputs) {
    const key = `${connector}.${operation}`;
    const link = links.get(key) ?? { source, type, connector, operation, count: 0 };
    link.count += mutations;
    links.set(key, link);
  }
  return [...links.values()];
}
