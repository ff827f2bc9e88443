/** Events as rows. */
import { type Column, DataTable } from "../../components/data-table.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { EventSummary } from "../../services/events.ts";
import { WorkflowLink } from "../workflow-link.tsx";

const workflow: Column<EventSummary> = {
  title: "Workflow",
  render: (event) => <WorkflowLink workflow={event.workflow} />,
};

const columns: readonly Column<EventSummary>[] = [
  { title: "Event", render: ({ messageId }) => messageId },
  { title: "Topic", render: ({ topic }) => topic },
  { title: "Status", render: ({ status }) => <StatusBadge domain="event" status={status} />, width: "130px" },
  { title: "Published", render: ({ createdAt }) => <TimeText at={createdAt} />, width: "110px" },
];

export interface EventTableProps {
  caption: string;
  events: readonly EventSummary[];
  /** Leaves the workflow out, where the page is about one. */
  ofOneWorkflow?: boolean;
}

export function EventTable({ caption, events, ofOneWorkflow = false }: EventTableProps) {
  return (
    <DataTable
      caption={caption}
      rows={events}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ({ to: "/events/$event", params: { event: id } })}
      columns={ofOneWorkflow ? columns : columns.toSpliced(1, 0, workflow)}
    />
  );
}
