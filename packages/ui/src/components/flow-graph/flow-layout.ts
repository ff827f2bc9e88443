/**
 * Where the parts of a workflow stand in its picture: producers first, then the topics they publish to, then the
 * consumers of these with the connectors behind them, and so on. Pure. Distances are pixels.
 *
 * Invariants:
 * 1. A part stands to the right of all that lead to it, unless they are part of a circle.
 * 2. The same workflow gives the same picture.
 */
export type FlowNodeKind = "producer" | "topic" | "consumer" | "connector";

export interface FlowNode {
  /** Unique among all kinds. */
  id: string;
  kind: FlowNodeKind;
  label: string;
}

export interface FlowEdge {
  from: string;
  to: string;
}

export interface PlacedNode<Node extends FlowNode = FlowNode> {
  node: Node;
  x: number;
  y: number;
}

export interface FlowLayout<Node extends FlowNode = FlowNode> {
  nodes: PlacedNode<Node>[];
  edges: { from: PlacedNode<Node>; to: PlacedNode<Node> }[];
  width: number;
  height: number;
}

export const NODE_WIDTH = 184;
export const NODE_HEIGHT = 52;
const columnGap = 64;
const rowGap = 18;

/** Places each node; edges that name an unknown node are left out. */
export function layOutFlow<Node extends FlowNode>(
  nodes: readonly Node[],
  edges: readonly FlowEdge[],
): FlowLayout<Node> {
  const columns = gatherColumns(nodes, columnOfEach(nodes, edges));
  const tallest = Math.max(0, ...columns.map((column) => column.length));
  const height = tallest * (NODE_HEIGHT + rowGap) - (tallest > 0 ? rowGap : 0);
  const placed = new Map<string, PlacedNode<Node>>();
  for (const [index, column] of columns.entries()) {
    const columnHeight = column.length * (NODE_HEIGHT + rowGap) - rowGap;
    for (const [row, node] of column.entries()) {
      const y = (height - columnHeight) / 2 + row * (NODE_HEIGHT + rowGap);
      placed.set(node.id, { node, x: index * (NODE_WIDTH + columnGap), y });
    }
  }
  return {
    nodes: [...placed.values()],
    edges: edges.flatMap(({ from, to }) => {
      const [start, end] = [placed.get(from), placed.get(to)];
      return start === undefined || end === undefined ? [] : [{ from: start, to: end }];
    }),
    width: Math.max(0, columns.length * (NODE_WIDTH + columnGap) - columnGap),
    height: Math.max(0, height),
  };
}

/** How many steps each node is from the beginning, on its longest way; a way that comes back to itself ends there. */
function columnOfEach(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): Map<string, number> {
  const sources = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { from, to } of edges) if (sources.has(from)) sources.get(to)?.push(from);
  const columns = new Map<string, number>();
  const onTheWay = new Set<string>();
  const columnOf = (id: string): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    if (onTheWay.has(id)) return -1;
    onTheWay.add(id);
    const column = Math.max(-1, ...(sources.get(id) ?? []).map(columnOf)) + 1;
    onTheWay.delete(id);
    columns.set(id, column);
    return column;
  };
  for (const { id } of nodes) columnOf(id);
  return columns;
}

/** The nodes of each column in the order given. */
function gatherColumns<Node extends FlowNode>(nodes: readonly Node[], columnOf: ReadonlyMap<string, number>): Node[][] {
  const last = Math.max(0, ...nodes.map(({ id }) => columnOf.get(id) ?? 0));
  const columns: Node[][] = Array.from({ length: last + 1 }, () => []);
  for (const node of nodes) columns[columnOf.get(node.id) ?? 0]?.push(node);
  return columns.filter((column) => column.length > 0);
}
