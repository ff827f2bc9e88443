/** What was decided about each due time of a schedule: that it ran, or why not. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatCount } from "../../format/numbers.ts";
import { formatDayAndClock } from "../../format/times.ts";
import type { Schema } from "../../services/api.ts";
import { DayTime } from "./day-time.tsx";

type Decision = Schema<"ScheduleDecision">;

const columns: readonly Column<Decision>[] = [
  {
    title: "Due",
    render: ({ scheduledAt }) => <DayTime at={scheduledAt} />,
  },
  { title: "Decision", render: ({ decision }) => <StatusBadge domain="decision" status={decision} /> },
  { title: "Why", render: ({ reason }) => reason ?? <span className="soft">–</span> },
  { title: "Times", align: "end", render: ({ count }) => formatCount(count) },
  { title: "Decided", render: ({ decidedAt }) => <TimeText at={decidedAt} /> },
  { title: "Led to", render: (decision) => <LedTo decision={decision} /> },
];

const shown = 15;

export function DecisionTable({ caption, decisions }: { caption: string; decisions: readonly Decision[] }) {
  const [all, setAll] = useState(false);
  return (
    <>
      <DataTable
        caption={caption}
        columns={columns}
        rows={all ? decisions : decisions.slice(0, shown)}
        rowKey={({ id }) => id}
      />
      {all || decisions.length <= shown ? null : (
        <Button variant="default" size="xs" style={{ marginTop: 12 }} onClick={() => setAll(true)}>
          Show the latest {decisions.length}
        </Button>
      )}
    </>
  );
}

function LedTo({ decision: { executionId, runId, scheduledAt } }: { decision: Decision }) {
  const due = formatDayAndClock(scheduledAt);
  if (executionId !== null) {
    return (
      <Link to="/executions/$execution" params={{ execution: executionId }} aria-label={`Execution of ${due}`}>
        Execution
      </Link>
    );
  }
  if (runId !== null) {
    return (
      <Link to="/runs/$run" params={{ run: runId }} aria-label={`Run of ${due}`}>
        Run
      </Link>
    );
  }
  return <span className="soft">–</span>;
}
