/** What was decided about a job's due times, and how the job changed. */
import "./jobs.css";
import { useQuery } from "@tanstack/react-query";
import { Select } from "@mantine/core";
import { QueryState } from "../../components/query-state.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { formatDayAndClock } from "../../format/times.ts";
import { useFilters } from "../../services/filters.ts";
import { jobDecisionsQuery, jobVersionsQuery } from "../../services/jobs.ts";
import { DecisionTable } from "../schedules/decision-table.tsx";
import { LineDiff } from "../schedules/lazy-line-diff.tsx";

export function JobDecisions({ job }: { job: string }) {
  const query = useQuery(jobDecisionsQuery(job));
  return (
    <section className="panel" aria-labelledby="decisions">
      <h2 id="decisions">Schedule log</h2>
      <QueryState
        query={query}
        height={240}
        isEmpty={({ items }) => items.length === 0}
        empty={{ title: "Nothing was due yet", children: "Each due time shows here: that it ran, or why it did not." }}
      >
        {({ items }) => <DecisionTable caption="Decisions about its due times" decisions={items} />}
      </QueryState>
    </section>
  );
}

interface Version {
  version: number;
  definition?: unknown;
  createdBy: string | null;
  createdAt: number;
}

export function JobVersions({ job }: { job: string }) {
  const query = useQuery(jobVersionsQuery(job));
  return (
    <section className="panel" aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <QueryState query={query} height={160}>
        {({ items }) =>
          items.length < 2 ? <EmptyState title="It was never changed" /> : <VersionChanges versions={items} />
        }
      </QueryState>
    </section>
  );
}

function VersionChanges({ versions }: { versions: readonly Version[] }) {
  const [{ version: asked }, setFilters] = useFilters(["version"]);
  const later = versions.find(({ version }) => String(version) === asked) ?? versions[0];
  const earlier = versions[versions.findIndex((version) => version === later) + 1];
  return (
    <div className="stack" style={{ gap: 10 }}>
      <Select
        size="xs"
        label="What changed in"
        style={{ maxWidth: 340 }}
        data={versions.map((version) => ({ value: String(version.version), label: inWords(version) }))}
        value={String(later?.version ?? "")}
        allowDeselect={false}
        onChange={(value) => setFilters({ version: value ?? undefined })}
      />
      {earlier === undefined ? (
        <EmptyState title="This is the first version" />
      ) : (
        <LineDiff
          label={`What changed in version ${later?.version ?? ""}`}
          earlier={textOf(earlier)}
          later={later === undefined ? "" : textOf(later)}
        />
      )}
    </div>
  );
}

function inWords({ version, createdBy, createdAt }: Version): string {
  return `Version ${version}, ${formatDayAndClock(createdAt)}${createdBy === null ? "" : `, by ${createdBy}`}`;
}

const textOf = ({ definition }: Version) => JSON.stringify(definition, null, 2);
