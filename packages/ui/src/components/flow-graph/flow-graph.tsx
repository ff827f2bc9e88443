/**
 * A workflow as a picture: producers → topics → consumers → connectors. A node that leads somewhere is a link, so the
 * keyboard reaches it; a list of all connections says the same to those who can't see it.
 */
import "./flow-graph.css";
import { useNavigate } from "@tanstack/react-router";
import { useId } from "react";
import type { Tone } from "../tones.ts";
import {
  type FlowEdge,
  type FlowNode as LaidOutNode,
  type FlowNodeKind,
  layOutFlow,
  NODE_HEIGHT,
  NODE_WIDTH,
  type PlacedNode,
} from "./flow-layout.ts";

export interface FlowNode extends LaidOutNode {
  /** The second line: "12 waiting", "next in 3 min". */
  note?: string;
  tone?: Tone;
  /** An address of the dashboard that the node leads to, search included. */
  href?: string;
}

export interface FlowGraphProps {
  label: string;
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
}

const kinds: Record<FlowNodeKind, string> = {
  producer: "Producer",
  topic: "Topic",
  consumer: "Consumer",
  connector: "Connector",
};
const margin = 8;
const longestLabel = 22;

export function FlowGraph({ label, nodes, edges }: FlowGraphProps) {
  const layout = layOutFlow(nodes, edges);
  const arrow = useId();
  return (
    // It scrolls sideways on a narrow page, so the keyboard must reach it.
    <div className="flow-graph" role="group" aria-label={label} tabIndex={0}>
      <svg
        width={layout.width + 2 * margin}
        height={layout.height + 2 * margin}
        viewBox={`${-margin} ${-margin} ${layout.width + 2 * margin} ${layout.height + 2 * margin}`}
      >
        <defs>
          <marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0.5 7 4 0 7.5z" className="flow-arrow" />
          </marker>
        </defs>
        {layout.edges.map(({ from, to }) => (
          <path
            key={`${from.node.id} ${to.node.id}`}
            className="flow-edge"
            d={edgePath(from, to)}
            markerEnd={`url(#${arrow})`}
          />
        ))}
        {layout.nodes.map((placed) => (
          <GraphNode key={placed.node.id} placed={placed} />
        ))}
      </svg>
      <ul className="visually-hidden">
        {layout.edges.map(({ from, to }) => (
          <li key={`${from.node.id} ${to.node.id}`}>
            {describe(from.node)} leads to {describe(to.node)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function GraphNode({ placed: { node, x, y } }: { placed: PlacedNode<FlowNode> }) {
  const navigate = useNavigate();
  const { href } = node;
  const drawing = (
    <>
      <title>{describe(node)}</title>
      <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx={node.kind === "topic" ? NODE_HEIGHT / 2 : 8} />
      <text x={NODE_WIDTH / 2} y={node.note === undefined ? 31 : 23} className="flow-label">
        {clip(node.label)}
      </text>
      {node.note === undefined ? null : (
        <text x={NODE_WIDTH / 2} y={40} className="flow-note">
          {clip(node.note)}
        </text>
      )}
    </>
  );
  const look = {
    className: "flow-node",
    transform: `translate(${x} ${y})`,
    "data-kind": node.kind,
    "data-tone": node.tone ?? "neutral",
  };
  if (href === undefined) return <g {...look}>{drawing}</g>;
  return (
    <a
      {...look}
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        void navigate({ href });
      }}
    >
      {drawing}
    </a>
  );
}

function edgePath(from: PlacedNode, to: PlacedNode): string {
  const [startX, startY] = [from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2];
  const [endX, endY] = [to.x - 3, to.y + NODE_HEIGHT / 2];
  // Back to an earlier column the line goes around below.
  const bend = Math.max(32, Math.abs(endX - startX) / 2);
  return `M${startX} ${startY}C${startX + bend} ${startY} ${endX - bend} ${endY} ${endX} ${endY}`;
}

function describe({ kind, label, note }: FlowNode): string {
  return `${kinds[kind].toLowerCase()} ${label}${note === undefined ? "" : ` (${note})`}`;
}

function clip(text: string): string {
  return text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text;
}
