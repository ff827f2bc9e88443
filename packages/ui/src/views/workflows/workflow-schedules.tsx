/** When each producer looks for inputs: in words, with its next runs. */
import "./workflows.css";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Schema } from "../../services/api.ts";
import { formatDayTime } from "../schedules/day-time.tsx";

type Producer = Schema<"Workflow">["producers"][number];

const columns: readonly Column<Producer>[] = [
  { title: "Producer", render: ({ name }) => <strong>{name}</strong> },
  {
    title: "Schedule",
    render: ({ schedule }) => schedule?.description ?? <span className="soft">none: it runs when it is told to</span>,
  },
  { title: "Last run", render: ({ schedule }) => <TimeText at={schedule?.lastRunAt ?? null} fallback="never" /> },
  { title: "Next run", render: ({ schedule }) => <TimeText at={schedule?.nextRunAt ?? null} due /> },
  {
    title: "After that",
    render: ({ schedule }) => (
      <span className="soft">{(schedule?.next ?? []).slice(1, 4).map(formatDayTime).join(" · ") || "–"}</span>
    ),
  },
];

export function WorkflowSchedules({ workflow: { producers } }: { workflow: Schema<"Workflow"> }) {
  if (producers.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="workflow-schedules">
      <h2 id="workflow-schedules">Schedule</h2>
      <DataTable caption="When each producer runs" columns={columns} rows={producers} rowKey={({ name }) => name} />
    </section>
  );
}
