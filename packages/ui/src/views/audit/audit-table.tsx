/** Actions of people as a table. */
import "./audit.css";
import { Link } from "@tanstack/react-router";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { JsonViewer } from "../../components/json-viewer.tsx";
import { ToneBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Tone } from "../../components/tones.ts";
import type { AuditEntry } from "../../services/audit.ts";
import { DayTime } from "../schedules/day-time.tsx";

const channels: Record<AuditEntry["channel"], string> = {
  dashboard: "dashboard",
  api: "API",
  command_line: "command line",
  program: "program",
};

const outcomes: Record<NonNullable<AuditEntry["outcome"]>, { label: string; tone: Tone }> = {
  done: { label: "Done", tone: "success" },
  refused: { label: "Refused", tone: "warning" },
  failed: { label: "Failed", tone: "danger" },
};

const columns: readonly Column<AuditEntry>[] = [
  {
    title: "When",
    width: "150px",
    render: ({ at }) => (
      <>
        <DayTime at={at} />
        <div className="soft">
          <TimeText at={at} />
        </div>
      </>
    ),
  },
  {
    title: "Who",
    width: "130px",
    render: ({ actor, channel }) => (
      <>
        <strong>{actor}</strong>
        <div className="soft">{channels[channel]}</div>
      </>
    ),
  },
  {
    title: "What",
    width: "240px",
    render: (entry) => (
      <>
        <code className="mono">{entry.action}</code>
        <Subject entry={entry} />
      </>
    ),
  },
  { title: "Outcome", render: (entry) => <Outcome entry={entry} /> },
  { title: "Details", width: "140px", render: (entry) => <Details entry={entry} /> },
];

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return <DataTable caption="Actions, the latest first" columns={columns} rows={entries} rowKey={({ id }) => id} />;
}

function Outcome({ entry: { outcome, message } }: { entry: AuditEntry }) {
  const { label, tone }: { label: string; tone: Tone } =
    outcome === null ? { label: "Not known", tone: "unknown" } : outcomes[outcome];
  return (
    <>
      <ToneBadge tone={tone}>{label}</ToneBadge>
      {outcome === null ? <div className="soft">the process ended before it was known</div> : null}
      {message === null ? null : <div className="soft">{message}</div>}
    </>
  );
}

function Subject({ entry: { subjectType, subjectId } }: { entry: AuditEntry }) {
  if (subjectType === null) return null;
  // What is about many things, or about one that was not there yet, names none.
  if (subjectId === null || subjectId === "") return <div className="soft">{subjectType}</div>;
  return (
    <div>
      <span className="soft">{subjectType} </span>
      <SubjectLink type={subjectType} id={subjectId} />
    </div>
  );
}

/** A link where there is a page for it. */
function SubjectLink({ type, id }: { type: string; id: string }) {
  const words = <span className="mono">{id.length > 20 ? `…${id.slice(-12)}` : id}</span>;
  switch (type) {
    case "workflow":
      return (
        <Link to="/workflows/$workflow" params={{ workflow: id }} title={id}>
          {words}
        </Link>
      );
    case "job":
      return (
        <Link to="/jobs/$job" params={{ job: id }} title={id}>
          {words}
        </Link>
      );
    case "execution":
      return (
        <Link to="/executions/$execution" params={{ execution: id }} title={id}>
          {words}
        </Link>
      );
    case "output":
      return (
        <Link to="/outputs/$output" params={{ output: id }} title={id}>
          {words}
        </Link>
      );
    case "run":
      return (
        <Link to="/runs/$run" params={{ run: id }} title={id}>
          {words}
        </Link>
      );
    case "input":
      return (
        <Link to="/inputs/$input" params={{ input: id }} title={id}>
          {words}
        </Link>
      );
    case "event":
      return (
        <Link to="/events/$event" params={{ event: id }} title={id}>
          {words}
        </Link>
      );
    default:
      return <span title={id}>{words}</span>;
  }
}

function Details({ entry: { details, action } }: { entry: AuditEntry }) {
  if (details === null) return <span className="soft">–</span>;
  return (
    <details className="audit-details">
      <summary>Show</summary>
      <JsonViewer value={details} label={`Details of ${action}`} />
    </details>
  );
}
