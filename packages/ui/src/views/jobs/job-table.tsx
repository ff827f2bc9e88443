/** Jobs as a table. */
import "./jobs.css";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { StatusBadge, ToneBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatCount } from "../../format/numbers.ts";
import { formatDuration } from "../../format/times.ts";
import type { JobSummary } from "../../services/jobs.ts";
import { handlerInWords } from "./job-words.ts";

const columns: readonly Column<JobSummary>[] = [
  { title: "Job", render: ({ name, tags }) => <NameWithTags name={name} tags={tags} /> },
  { title: "Status", render: (job) => <Status job={job} /> },
  { title: "Schedule", render: ({ schedule }) => schedule },
  { title: "Runs", render: (job) => <span className="mono">{handlerInWords(job)}</span>, wideOnly: true },
  { title: "Last run", render: ({ lastRun }) => <TimeText at={lastRun} fallback="never" /> },
  { title: "Next run", render: ({ nextRun }) => <TimeText at={nextRun} fallback="none" /> },
  {
    title: "Done",
    align: "end",
    render: ({ successCount, failureCount }) => (
      <span className="numbers">
        {formatCount(successCount)}
        {failureCount === 0 ? null : <span className="soft"> · {formatCount(failureCount)} failed</span>}
      </span>
    ),
  },
  {
    title: "Takes",
    align: "end",
    render: ({ averageDurationMs }) => (averageDurationMs === null ? "–" : formatDuration(averageDurationMs)),
  },
];

export function JobTable({ jobs }: { jobs: readonly JobSummary[] }) {
  return (
    <DataTable
      caption="Jobs, the newest first"
      columns={columns}
      rows={jobs}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ({ to: "/jobs/$job", params: { job: id } })}
    />
  );
}

function NameWithTags({ name, tags }: Pick<JobSummary, "name" | "tags">) {
  return (
    <>
      {name}
      {tags.length === 0 ? null : (
        <span className="job-name-tags">
          {tags.map((tag) => (
            <span key={tag} className="job-tag">
              {tag}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

function Status({ job: { status, consecutiveFailures } }: { job: JobSummary }) {
  return (
    <span className="row">
      <StatusBadge domain="job" status={status} />
      {consecutiveFailures < 2 ? null : (
        <ToneBadge tone="danger">{`${consecutiveFailures} failures in a row`}</ToneBadge>
      )}
    </span>
  );
}
