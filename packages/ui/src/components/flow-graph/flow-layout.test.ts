import { expect, test } from "vitest";
import { type FlowNode, layOutFlow } from "./flow-layout.ts";

const node = (id: string, kind: FlowNode["kind"]): FlowNode => ({ id, kind, label: id });

const nodes = [
  node("poll", "producer"),
  node("mail", "topic"),
  node("addRow", "consumer"),
  node("row", "topic"),
  node("notify", "consumer"),
  node("files", "connector"),
  node("http", "connector"),
];
const edges = [
  { from: "poll", to: "mail" },
  { from: "mail", to: "addRow" },
  { from: "addRow", to: "row" },
  { from: "addRow", to: "files" },
  { from: "row", to: "notify" },
  { from: "notify", to: "http" },
];

function xOf(layout: ReturnType<typeof layOutFlow>, id: string): number {
  return layout.nodes.find((placed) => placed.node.id === id)!.x;
}

test("each part stands to the right of what leads to it", () => {
  const layout = layOutFlow(nodes, edges);
  for (const { from, to } of layout.edges) expect(to.x).toBeGreaterThan(from.x);
});

test("a connector stands right behind its consumer, as the consumer's topics do", () => {
  const layout = layOutFlow(nodes, edges);
  expect(xOf(layout, "files")).toBe(xOf(layout, "row"));
});

test("no two parts stand in the same place", () => {
  const { nodes: placed } = layOutFlow(nodes, edges);
  expect(new Set(placed.map(({ x, y }) => `${x},${y}`)).size).toBe(nodes.length);
});

test("a circle of topics and consumers is drawn all the same", () => {
  const layout = layOutFlow(
    [node("a", "topic"), node("b", "consumer")],
    [
      { from: "a", to: "b" },
      { from: "b", to: "a" },
    ],
  );
  expect(layout.nodes).toHaveLength(2);
});

test("an edge to an unknown part is left out", () => {
  expect(layOutFlow([node("a", "topic")], [{ from: "a", to: "gone" }]).edges).toEqual([]);
});

test("nothing takes no room", () => {
  expect(layOutFlow([], [])).toMatchObject({ width: 0, height: 0 });
});
