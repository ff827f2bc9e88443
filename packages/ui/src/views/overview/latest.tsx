/** What came in last and what went out because of it: a newcomer sees what Millrace does. */
import "./overview.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { QueryState } from "../../components/query-state.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { latestInputsQuery, latestOutputsQuery } from "../../services/overview.ts";

const height = 6 * 56;

export function LatestInputs() {
  const query = useQuery(latestInputsQuery);
  return (
    <LatestPanel id="latest-inputs" title="Came in" lead="What workflows found in the outside world." all="/inputs">
      <QueryState
        query={query}
        height={height}
        isEmpty={({ items }) => items.length === 0}
        empty={{ title: "Nothing came in yet", children: "Mails, files and messages show here as they arrive." }}
      >
        {({ items }) => (
          <ul className="latest-list">
            {items.map(({ id, title, source, type, workflow, status, createdAt }) => (
              <li key={id}>
                <Link to="/inputs/$input" params={{ input: id }} className="latest-item">
                  <span className="latest-title">{title}</span>
                  <span className="soft">
                    <TimeText at={createdAt} />
                  </span>
                  <span className="latest-note soft">
                    {source} {type} → {workflow.name}
                  </span>
                  {status === "active" ? null : <StatusBadge domain="input" status={status} />}
                </Link>
              </li>
            ))}
          </ul>
        )}
      </QueryState>
    </LatestPanel>
  );
}

export function LatestOutputs() {
  const query = useQuery(latestOutputsQuery);
  return (
    <LatestPanel id="latest-outputs" title="Went out" lead="What workflows did in the outside world." all="/outputs">
      <QueryState
        query={query}
        height={height}
        isEmpty={({ items }) => items.length === 0}
        empty={{ title: "Nothing went out yet", children: "Each thing that a workflow changes elsewhere shows here." }}
      >
        {({ items }) => (
          <ul className="latest-list">
            {items.map(({ id, title, connector, operation, workflow, status, createdAt }) => (
              <li key={id}>
                <Link to="/outputs/$output" params={{ output: id }} className="latest-item">
                  <span className="latest-title">{title}</span>
                  <StatusBadge domain="output" status={status} />
                  <span className="latest-note soft">
                    {workflow.name} → {connector} {operation}
                  </span>
                  <span className="soft" style={{ textAlign: "end" }}>
                    <TimeText at={createdAt} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </QueryState>
    </LatestPanel>
  );
}

interface LatestPanelProps {
  id: string;
  title: string;
  lead: string;
  all: "/inputs" | "/outputs";
  children: ReactNode;
}

function LatestPanel({ id, title, lead, all, children }: LatestPanelProps) {
  return (
    <section className="panel" aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        <Link to={all}>Show all</Link>
      </header>
      <p className="soft overview-lead">{lead}</p>
      {children}
    </section>
  );
}
