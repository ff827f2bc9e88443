/** Runs as rows. */
import { type Column, DataTable } from "../../components/data-table.tsx";
import { DurationText } from "../../components/duration-text.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { RunSummary } from "../../services/runs.ts";
import { WorkflowLink } from "../workflow-link.tsx";
import { triggerWords } from "./run-words.ts";

const workflow: Column<RunSummary> = { title: "Workflow", render: (run) => <WorkflowLink workflow={run.workflow} /> };

const columns: readonly Column<RunSummary>[] = [
  {
    title: "Handler",
    render: ({ handlerName, attempt }) => (attempt > 1 ? `${handlerName}, attempt ${attempt}` : handlerName),
  },
  { title: "Status", render: ({ status }) => <StatusBadge domain="run" status={status} />, width: "190px" },
  { title: "Trigger", render: ({ trigger }) => triggerWords(trigger), wideOnly: true },
  { title: "Started", render: ({ startedAt }) => <TimeText at={startedAt} />, width: "110px" },
  {
    title: "Took",
    render: ({ startedAt, endedAt }) => <DurationText from={startedAt} until={endedAt} />,
    align: "end",
    width: "120px",
  },
];

export interface RunTableProps {
  caption: string;
  runs: readonly RunSummary[];
  /** Leaves the workflow out, where the page is about one. */
  ofOneWorkflow?: boolean;
}

export function RunTable({ caption, runs, ofOneWorkflow = false }: RunTableProps) {
  return (
    <DataTable
      caption={caption}
      rows={runs}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ({ to: "/runs/$run", params: { run: id } })}
      columns={ofOneWorkflow ? columns : columns.toSpliced(1, 0, workflow)}
    />
  );
}
