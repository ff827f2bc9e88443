/** The versions of a workflow, and what changed between two of them. */
import "./workflows.css";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { ToneBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Schema } from "../../services/api.ts";
import { useFilters } from "../../services/filters.ts";
import { workflowVersionQuery, workflowVersionsQuery } from "../../services/workflows.ts";
import { LineDiff } from "../schedules/lazy-line-diff.tsx";

type Version = Schema<"WorkflowVersion">;

const columns: readonly Column<Version>[] = [
  {
    title: "Version",
    render: ({ version, active }) => (
      <span className="row">
        <strong>{version}</strong>
        {active ? <ToneBadge tone="success">Runs</ToneBadge> : null}
      </span>
    ),
  },
  { title: "Since", render: ({ createdAt }) => <TimeText at={createdAt} exact /> },
  { title: "From", render: ({ origin }) => origin },
  { title: "Digest", render: ({ digest }) => <code className="mono">{digest.slice(0, 12)}</code>, wideOnly: true },
];

export function WorkflowVersions({ workflow }: { workflow: string }) {
  const query = useQuery(workflowVersionsQuery(workflow));
  return (
    <section className="panel" aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <QueryState
        query={query}
        height={160}
        isEmpty={({ items }) => items.length === 0}
        empty={{ title: "It was not deployed yet" }}
      >
        {({ items }) => (
          <div className="stack">
            {items.length < 2 ? null : <Comparison workflow={workflow} versions={items} />}
            <DataTable
              caption={`Versions of ${workflow}`}
              columns={columns}
              rows={items}
              rowKey={({ version }) => version}
            />
          </div>
        )}
      </QueryState>
    </section>
  );
}

function Comparison({ workflow, versions }: { workflow: string; versions: readonly Version[] }) {
  const [{ compare, with: against }, setFilters] = useFilters(["compare", "with"]);
  const names = versions.map(({ version }) => version);
  const options = names.map((name) => ({ value: name, label: `Version ${name}` }));
  return (
    <div className="stack" style={{ gap: 10 }}>
      <div className="row">
        <span className="soft">What changed from</span>
        <Select
          size="xs"
          aria-label="Earlier version"
          placeholder="Choose a version"
          data={options}
          value={compare ?? null}
          clearable
          clearButtonProps={{ "aria-label": "Clear the earlier version" }}
          onChange={(value) => setFilters({ compare: value ?? undefined })}
        />
        <span className="soft">to</span>
        <Select
          size="xs"
          aria-label="Later version"
          data={options}
          value={against ?? names[0] ?? null}
          allowDeselect={false}
          onChange={(value) => setFilters({ with: value ?? undefined })}
        />
      </div>
      {compare === undefined ? null : (
        <SourceDiff workflow={workflow} earlier={compare} later={against ?? names[0] ?? compare} />
      )}
    </div>
  );
}

function SourceDiff({ workflow, earlier, later }: { workflow: string; earlier: string; later: string }) {
  const earlierQuery = useQuery(workflowVersionQuery(workflow, earlier));
  const laterQuery = useQuery(workflowVersionQuery(workflow, later));
  return (
    <QueryState query={earlierQuery} height={200} lines={0}>
      {(first) => (
        <QueryState query={laterQuery} height={200} lines={0}>
          {(second) => (
            <LineDiff
              label={`What changed from version ${earlier} to version ${later}`}
              earlier={first.source}
              later={second.source}
            />
          )}
        </QueryState>
      )}
    </QueryState>
  );
}
