/** Inputs as rows. */
import { type Column, DataTable } from "../../components/data-table.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { InputSummary, ListedInput } from "../../services/inputs.ts";
import { OutputCounts } from "./output-counts.tsx";
import { WorkflowLink } from "../workflow-link.tsx";

const workflow: Column<InputSummary> = {
  title: "Workflow",
  render: (input) => <WorkflowLink workflow={input.workflow} />,
};

const input: Column<InputSummary> = {
  title: "Input",
  render: ({ title, externalId }) => (title === "" ? externalId : title),
};
const source: Column<InputSummary> = { title: "Source", render: (row) => row.source };
const type: Column<InputSummary> = { title: "Type", render: (row) => row.type };
const cameIn: Column<InputSummary> = {
  title: "Came in",
  render: ({ createdAt }) => <TimeText at={createdAt} />,
  width: "110px",
};
const status: Column<InputSummary> = {
  title: "Status",
  render: (row) => <StatusBadge domain="input" status={row.status} />,
  width: "120px",
};

const listed: readonly Column<ListedInput>[] = [
  input,
  workflow,
  source,
  type,
  { title: "State", render: ({ state }) => <StatusBadge domain="inputState" status={state} />, width: "150px" },
  { title: "Outputs", render: ({ outputs }) => <OutputCounts {...outputs} />, width: "150px" },
  cameIn,
];

const link = ({ id }: InputSummary) => ({ to: "/inputs/$input", params: { input: id } }) as const;

export interface InputTableProps {
  caption: string;
  inputs: readonly InputSummary[];
}

/** The inputs behind something of one workflow. */
export function InputTable({ caption, inputs }: InputTableProps) {
  return (
    <DataTable
      caption={caption}
      rows={inputs}
      rowKey={({ id }) => id}
      rowLink={link}
      columns={[input, source, type, status, cameIn]}
    />
  );
}

/** Inputs of any workflow, with what became of each. */
export function ListedInputTable({ caption, inputs }: { caption: string; inputs: readonly ListedInput[] }) {
  return <DataTable caption={caption} rows={inputs} rowKey={({ id }) => id} rowLink={link} columns={listed} />;
}
