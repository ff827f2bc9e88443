/** Inputs → outputs at a glance: how many of the newest inputs of each source led to which outputs. */
import "./workflows.css";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatCount, formatNoun } from "../../format/numbers.ts";
import type { Schema } from "../../services/api.ts";
import { type FlowLine, flowLines, ROW_HEIGHT } from "./flow-lines.ts";

type Flow = Schema<"Workflow">["flow"];

export function WorkflowFlow({ workflow: { name, flow } }: { workflow: Schema<"Workflow"> }) {
  return (
    <section className="panel" aria-labelledby="workflow-flow">
      <h2 id="workflow-flow">Inputs and outputs</h2>
      {flow.inputs === 0 ? (
        <EmptyState title="Nothing came in yet">What its producers find shows here, with what came of it.</EmptyState>
      ) : (
        <>
          <p className="soft workflow-lead">
            The newest {formatNoun(flow.inputs, "input")}, the first of them <TimeText at={flow.since} />, and what came
            of them.
          </p>
          <FlowColumns workflow={name} flow={flow} />
        </>
      )}
    </section>
  );
}

function FlowColumns({ workflow, flow }: { workflow: string; flow: Flow }) {
  const lines = flowLines(flow);
  return (
    <div className="flow-columns">
      <ul className="flow-side" aria-label="Inputs by source">
        {flow.sources.map(({ source, type, count }) => (
          <li key={`${source} ${type}`} style={{ height: ROW_HEIGHT }}>
            <Link to="/inputs" search={{ workflow, source, type }} className="flow-box">
              <span className="flow-box-name">
                {source} <span className="soft">{type}</span>
              </span>
              <span className="soft">{formatNoun(count, "input")}</span>
            </Link>
          </li>
        ))}
      </ul>
      <FlowDrawing lines={lines} rows={Math.max(flow.sources.length, flow.connectors.length)} />
      <ul className="flow-side" aria-label="Outputs by connector">
        {flow.connectors.length === 0 ? <li className="soft">None of them led to an output yet.</li> : null}
        {flow.connectors.map((connector) => (
          <li key={`${connector.connector} ${connector.operation}`} style={{ height: ROW_HEIGHT }}>
            <Link
              to="/outputs"
              search={{ workflow, connector: connector.connector, operation: connector.operation }}
              className="flow-box"
            >
              <span className="flow-box-name">
                {connector.connector} <span className="soft">{connector.operation}</span>
              </span>
              <OutputCounts {...connector} />
            </Link>
          </li>
        ))}
      </ul>
      <ul className="visually-hidden">
        {flow.links.map(({ source, type, connector, operation, count }) => (
          <li key={`${source} ${type} ${connector} ${operation}`}>
            {formatNoun(count, "input")} of {source} {type} led to {connector} {operation}
          </li>
        ))}
      </ul>
    </div>
  );
}

function OutputCounts({ applied, unknown, failed, waiting }: Flow["connectors"][number]) {
  return (
    <span className="flow-counts">
      <span data-tone="success">{formatCount(applied)} happened</span>
      {unknown > 0 ? <span data-tone="unknown">{formatCount(unknown)} unknown</span> : null}
      {failed > 0 ? <span data-tone="danger">{formatCount(failed)} failed</span> : null}
      {waiting > 0 ? <span data-tone="neutral">{formatCount(waiting)} waiting</span> : null}
    </span>
  );
}

/** The lists beside it say the same, so it is not read out. */
function FlowDrawing({ lines, rows }: { lines: readonly FlowLine[]; rows: number }) {
  const height = rows * ROW_HEIGHT;
  return (
    <svg className="flow-drawing" viewBox={`0 0 100 ${height}`} height={height} preserveAspectRatio="none" aria-hidden>
      {lines.map(({ key, from, to, width }) => (
        <path key={key} d={`M0 ${from}C50 ${from} 50 ${to} 100 ${to}`} strokeWidth={width}>
          <title>{key}</title>
        </path>
      ))}
    </svg>
  );
}
