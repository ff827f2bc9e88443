/** Outputs as rows. */
import { type Column, DataTable } from "../../components/data-table.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { OutputSummary } from "../../services/outputs.ts";
import { WorkflowLink } from "../workflow-link.tsx";
import { OutputStatus } from "./output-status.tsx";

const workflow: Column<OutputSummary> = {
  title: "Workflow",
  render: (output) => <WorkflowLink workflow={output.workflow} />,
};

const columns: readonly Column<OutputSummary>[] = [
  { title: "Output", render: ({ title }) => title },
  { title: "Through", render: ({ connector, operation }) => `${connector}.${operation}` },
  { title: "Status", render: (output) => <OutputStatus output={output} />, width: "170px" },
  { title: "Made", render: ({ createdAt }) => <TimeText at={createdAt} />, width: "110px" },
];

export interface OutputTableProps {
  caption: string;
  outputs: readonly OutputSummary[];
  /** Leaves the workflow out, where the page is about one. */
  ofOneWorkflow?: boolean;
}

export function OutputTable({ caption, outputs, ofOneWorkflow = false }: OutputTableProps) {
  return (
    <DataTable
      caption={caption}
      rows={outputs}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ({ to: "/outputs/$output", params: { output: id } })}
      columns={ofOneWorkflow ? columns : columns.toSpliced(1, 0, workflow)}
    />
  );
}
