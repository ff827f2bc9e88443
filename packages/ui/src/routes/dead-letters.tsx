/** `/dead-letters`: executions that failed for good, and running them again. */
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "../components/confirm-dialog.tsx";
import { DataTable, type Column } from "../components/data-table.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { TimeText } from "../components/time-text.tsx";
import { formatNoun } from "../format/numbers.ts";
import type { Schema } from "../services/api.ts";
import { deadLettersQuery, redrive } from "../services/executions.ts";
import { useFilters } from "../services/filters.ts";
import { itemsOf } from "../services/pages.ts";
import { useMayOperate } from "../services/session.ts";

type DeadLetter = Schema<"DeadLetter">;

const columns: readonly Column<DeadLetter>[] = [
  { title: "Job", render: ({ jobName }) => jobName },
  { title: "Status", render: ({ status }) => <StatusBadge domain="execution" status={status} /> },
  {
    title: "Error",
    render: ({ error, errorType }) => (
      <span className="soft">
        {errorType === null ? "" : `${errorType}: `}
        {error ?? "–"}
      </span>
    ),
  },
  { title: "Attempts", align: "end", render: ({ attempt }) => attempt },
  { title: "Failed", render: ({ completedAt }) => <TimeText at={completedAt} /> },
];

export function DeadLettersView() {
  const [{ job }, setFilters] = useFilters(["job"]);
  const query = useInfiniteQuery(deadLettersQuery(job));
  const letters = itemsOf(query.data);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // What left the list meanwhile is no longer chosen.
  const selected = new Set(letters.flatMap(({ id }) => (chosen.has(id) ? [id] : [])));
  return (
    <>
      <PageHeader
        crumb={<Link to="/jobs">Jobs</Link>}
        title="Dead letters"
        description="Executions whose attempts all failed and that nobody has run again. They stay here until somebody does."
      />
      {job === undefined ? null : (
        <p className="row">
          Of one job only.
          <Button size="xs" variant="default" onClick={() => setFilters({ job: undefined })}>
            Show those of all jobs
          </Button>
        </p>
      )}
      <QueryState
        query={query}
        height={360}
        isEmpty={() => letters.length === 0}
        empty={{ title: "Nothing failed for good", children: "An execution comes here when its last attempt failed." }}
      >
        {() => (
          <>
            <RedriveBar shown={letters.map(({ id }) => id)} selected={selected} />
            <DataTable
              caption="Dead letters, the latest first"
              columns={columns}
              rows={letters}
              rowKey={({ id }) => id}
              rowLink={({ id }) => ({ to: "/executions/$execution", params: { execution: id } })}
              selection={{ selected, onChange: setChosen }}
              rowLabel={({ jobName, id }) => `${jobName} ${id.slice(-4)}`}
            />
            <LoadMore query={query} />
          </>
        )}
      </QueryState>
    </>
  );
}

function RedriveBar({ shown, selected }: { shown: readonly string[]; selected: ReadonlySet<string> }) {
  const [asked, setAsked] = useState<readonly string[] | null>(null);
  const mayOperate = useMayOperate();
  return (
    <div className="row" style={{ marginBottom: 12 }}>
      <Button disabled={!mayOperate || selected.size === 0} onClick={() => setAsked([...selected])}>
        Run {selected.size === 0 ? "the selected" : selected.size} again…
      </Button>
      <Button variant="default" disabled={!mayOperate} onClick={() => setAsked(shown)}>
        Run all {shown.length} shown again…
      </Button>
      <ConfirmDialog
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={`Run ${formatNoun(asked?.length ?? 0, "dead letter")} again`}
        consequences={[
          "Each runs again as a new execution with the same payload, and leaves this list.",
          "If what made them fail is still there, they fail again and come back.",
        ]}
        confirm={`Run ${formatNoun(asked?.length ?? 0, "execution")} again`}
        action={() => redrive([...(asked ?? [])])}
        success="They run again"
      />
    </div>
  );
}
