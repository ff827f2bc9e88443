/** `/jobs/$job`: when a job runs, how it went, and what a person can do with it. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { TimeText } from "../components/time-text.tsx";
import { type Job, jobQuery } from "../services/jobs.ts";
import { JobActions } from "../views/jobs/job-actions.tsx";
import { JobData, JobFigures, JobSettings, NextRuns } from "../views/jobs/job-facts.tsx";
import { JobChart, JobHistory } from "../views/jobs/job-history.tsx";
import { JobDecisions, JobVersions } from "../views/jobs/job-records.tsx";
import { ScheduleWords } from "../views/workflows/schedule-words.tsx";

const route = getRouteApi("/jobs/$job");

export function JobView() {
  const { job: id } = route.useParams();
  const query = useQuery(jobQuery(id));
  const job = query.data?.job;
  return (
    <>
      <PageHeader
        crumb={<Link to="/jobs">Jobs</Link>}
        title={job?.name ?? "Job"}
        badge={job === undefined ? null : <StatusBadge domain="job" status={job.status} />}
        description={
          job === undefined ? "\u00A0" : <ScheduleWords description={job.schedule} nextRunAt={job.nextRun} />
        }
        actions={job === undefined ? null : <JobActions job={job} />}
      />
      <QueryState query={query} height={900} lines={14}>
        {(details) => (
          <div className="stack">
            <Notice job={details.job} />
            {details.job.description === null || details.job.description === "" ? null : (
              <p style={{ margin: 0 }}>{details.job.description}</p>
            )}
            <JobFigures details={details} />
            <div className="panels">
              <JobChart job={id} />
              <NextRuns next={details.next} />
            </div>
            <JobHistory job={id} />
            <JobDecisions job={id} />
            <JobData job={details.job} />
            <JobSettings job={details.job} />
            <JobVersions job={id} />
          </div>
        )}
      </QueryState>
    </>
  );
}

function Notice({ job: { status, pauseNote, pausedAt } }: { job: Job }) {
  if (status !== "paused") return null;
  return (
    <p className="job-notice" style={{ margin: 0 }}>
      <strong>
        It is paused{pausedAt === null ? "" : " since "}
        {pausedAt === null ? null : <TimeText at={pausedAt} />}.
      </strong>{" "}
      {pauseNote}
    </p>
  );
}
