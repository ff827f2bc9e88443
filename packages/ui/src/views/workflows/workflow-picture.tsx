/** What a workflow is made of, as a picture with what waits where. */
import "./workflows.css";
import { FlowGraph, type FlowNode } from "../../components/flow-graph/flow-graph.tsx";
import { formatCount } from "../../format/numbers.ts";
import { formatRelativeTime } from "../../format/times.ts";
import type { Schema } from "../../services/api.ts";
import { usePresentWords } from "../../services/present.ts";
import { stringifySearch } from "../../services/filters.ts";

type Workflow = Schema<"Workflow">;

export function WorkflowPicture({ workflow }: { workflow: Workflow }) {
  const now = Number(usePresentWords(String));
  const { nodes, edges } = pictureOf(workflow, now);
  return (
    <section className="panel" aria-labelledby="workflow-picture">
      <h2 id="workflow-picture">How it works</h2>
      <p className="soft workflow-lead">
        Producers look for inputs and publish to topics; consumers take from topics, and some change something
        elsewhere. The numbers are events that wait now.
      </p>
      <FlowGraph label={`The parts of ${workflow.name}`} nodes={nodes} edges={edges} />
    </section>
  );
}

function pictureOf(workflow: Workflow, now: number) {
  const { topics, producers, consumers, name } = workflow;
  const connectors = [...new Set(consumers.flatMap((consumer) => consumer.connectors))];
  const nodes: FlowNode[] = [
    ...producers.map(({ name: producer, schedule }): FlowNode => ({
      id: `producer ${producer}`,
      kind: "producer",
      label: producer,
      note: nextInWords(schedule?.nextRunAt ?? null, now),
      href: `/runs${stringifySearch({ workflow: name, handler: producer })}`,
    })),
    ...topics.map(({ name: topic, pending }): FlowNode => ({
      id: `topic ${topic}`,
      kind: "topic",
      label: topic,
      note: `${formatCount(pending)} waiting`,
      tone: pending > 0 ? "info" : "neutral",
      href: `/events${stringifySearch({ workflow: name, topic })}`,
    })),
    ...consumers.map(({ name: consumer, approval, mutates, wakeAt }): FlowNode => ({
      id: `consumer ${consumer}`,
      kind: "consumer",
      label: consumer,
      ...noteOf(approval ? "asks for approval" : mutates ? "changes something" : "decides", wakeAt, now),
      href: `/runs${stringifySearch({ workflow: name, handler: consumer })}`,
    })),
    ...connectors.map((connector): FlowNode => ({
      id: `connector ${connector}`,
      kind: "connector",
      label: connector,
      note: "outside",
      href: `/outputs${stringifySearch({ workflow: name, connector })}`,
    })),
  ];
  return { nodes, edges: edgesOf(workflow) };
}

function edgesOf({ producers, consumers }: Workflow) {
  return [
    ...producers.flatMap(({ name, publishes }) =>
      publishes.map((topic) => ({ from: `producer ${name}`, to: `topic ${topic}` })),
    ),
    ...consumers.flatMap(({ name, subscribes, publishes, connectors }) => [
      ...subscribes.map((topic) => ({ from: `topic ${topic}`, to: `consumer ${name}` })),
      ...publishes.map((topic) => ({ from: `consumer ${name}`, to: `topic ${topic}` })),
      ...connectors.map((connector) => ({ from: `consumer ${name}`, to: `connector ${connector}` })),
    ]),
  ];
}

function nextInWords(at: number | null, now: number): string {
  if (at === null) return "no schedule";
  return `${at < now ? "due" : "next"} ${formatRelativeTime(at, now)}`;
}

function noteOf(words: string, wakeAt: number | null, now: number) {
  return { note: wakeAt === null ? words : `wakes ${formatRelativeTime(wakeAt, now)}` };
}
