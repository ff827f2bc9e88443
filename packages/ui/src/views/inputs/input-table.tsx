/** Inputs as rows. */
import { type Column, DataTable } from "../../components/data-table.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { InputSummary } from "../../services/inputs.ts";
import { WorkflowLink } from "../workflow-link.tsx";

const workflow: Column<InputSummary> = {
  title: "Workflow",
  render: (input) => <WorkflowLink workflow={input.workflow} />,
};

const columns: readonly Column<InputSummary>[] = [
  { title: "Input", render: ({ title, externalId }) => (title === "" ? externalId : title) },
  { title: "Source", render: ({ source }) => source },
  { title: "Type", render: ({ type }) => type },
  { title: "Status", render: ({ status }) => <StatusBadge domain="input" status={status} />, width: "120px" },
  { title: "Came in", render: ({ createdAt }) => <TimeText at={createdAt} />, width: "110px" },
];

export interface InputTableProps {
  caption: string;
  inputs: readonly InputSummary[];
  /** Leaves the workflow out, where the page is about one. */
  ofOneWorkflow?: boolean;
}

export function InputTable({ caption, inputs, ofOneWorkflow = false }: InputTableProps) {
  return (
    <DataTable
      caption={caption}
      rows={inputs}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ({ to: "/inputs/$input", params: { input: id } })}
      columns={ofOneWorkflow ? columns : columns.toSpliced(1, 0, workflow)}
    />
  );
}
