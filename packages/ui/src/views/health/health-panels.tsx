/** The parts of the host's health. */
import "./health.css";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { DescriptionList } from "../../components/description-list.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { NumberStat, NumberStats } from "../../components/number-stat.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatBytes, formatCount } from "../../format/numbers.ts";
import type { HostHealth } from "../../services/health.ts";

export function HealthChecks({ checks }: { checks: HostHealth["checks"] }) {
  return (
    <section className="panel" aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <ul className="health-checks">
        {checks.map(({ name, ok, detail }) => (
          <li key={name} data-ok={ok}>
            {ok ? <IconCircleCheck size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />}
            <div>
              <strong>{name}</strong> <span className="health-word">{ok ? "fine" : "not fine"}</span>
              <div className="soft">{detail}</div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function HealthFigures({ health: { database, queues } }: { health: HostHealth }) {
  return (
    <NumberStats>
      <NumberStat
        label="Database"
        value={formatBytes(database.sizeBytes)}
        hint={`${formatBytes(database.freeBytes)} of it free`}
      />
      <NumberStat label="Write-ahead log" value={formatBytes(database.walBytes)} hint="emptied again and again" />
      <NumberStat
        label="Events that wait"
        value={queues.pendingEvents}
        hint="for a workflow to take them"
        link={{ to: "/events", search: { status: "pending" } }}
      />
      <NumberStat
        label="Executions"
        value={queues.openExecutions}
        hint={`${formatCount(queues.runningExecutions)} of them run now`}
        link={{ to: "/jobs" }}
      />
      <NumberStat
        label="Being checked"
        value={queues.reconciling}
        hint="outputs whose outcome is asked for"
        tone={queues.reconciling > 0 ? "unknown" : "neutral"}
        link={{ to: "/outputs", search: { status: "needs_reconcile" } }}
      />
    </NumberStats>
  );
}

type Latency = HostHealth["latencies"][number];

const columns: readonly Column<Latency>[] = [
  { title: "Operation", render: ({ operation }) => <code className="mono">{operation}</code> },
  { title: "Requests", align: "end", render: ({ count }) => formatCount(count) },
  { title: "Half within", align: "end", render: ({ p50 }) => inMilliseconds(p50) },
  { title: "95 % within", align: "end", render: ({ p95 }) => inMilliseconds(p95) },
  { title: "Slowest", align: "end", render: ({ max }) => inMilliseconds(max) },
];

export function Latencies({ latencies }: { latencies: HostHealth["latencies"] }) {
  return (
    <section className="panel" aria-labelledby="latencies">
      <h2 id="latencies">How fast it answers</h2>
      {latencies.length === 0 ? (
        <EmptyState title="No request was measured yet" />
      ) : (
        <DataTable
          caption="Times of requests by operation, since the host began"
          columns={columns}
          rows={latencies}
          rowKey={({ operation }) => operation}
        />
      )}
    </section>
  );
}

export function HostFacts({ health: { versions, database, queues, startedAt } }: { health: HostHealth }) {
  return (
    <section className="panel" aria-labelledby="host">
      <h2 id="host">Host</h2>
      <DescriptionList
        items={[
          { term: "Runs since", value: <TimeText at={startedAt} exact /> },
          { term: "Next run due", value: <TimeText at={queues.nextDueAt} fallback="none" /> },
          { term: "Millrace", value: versions.millrace },
          { term: "Node.js", value: versions.node },
          { term: "SQLite", value: versions.sqlite },
          { term: "Schema of the database", value: database.schemaVersion },
          { term: "Database file", value: <span className="mono">{database.location}</span> },
        ]}
      />
    </section>
  );
}

const inMilliseconds = (value: number) => `${value < 10 ? value.toFixed(1) : formatCount(Math.round(value))} ms`;
