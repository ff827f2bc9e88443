/** Where the lines between sources and connectors begin and end, and how thick they are. Pure. Distances are pixels. */
import type { Schema } from "../../services/api.ts";

export const ROW_HEIGHT = 64;
const thickest = 14;
const thinnest = 1.5;

export interface FlowLine {
  key: string;
  /** The height at which it leaves its source. */
  from: number;
  to: number;
  width: number;
}

/** One line a link, its thickness by its share of the largest. */
export function flowLines({ sources, connectors, links }: Schema<"Workflow">["flow"]): FlowLine[] {
  const largest = Math.max(1, ...links.map(({ count }) => count));
  return links.flatMap(({ source, type, connector, operation, count }) => {
    const from = sources.findIndex((other) => other.source === source && other.type === type);
    const to = connectors.findIndex((other) => other.connector === connector && other.operation === operation);
    if (from < 0 || to < 0) return [];
    return {
      key: `${source} ${type} → ${connector} ${operation}: ${count}`,
      from: middleOf(from),
      to: middleOf(to),
      width: Math.max(thinnest, (count / largest) * thickest),
    };
  });
}

const middleOf = (row: number) => row * ROW_HEIGHT + ROW_HEIGHT / 2;
