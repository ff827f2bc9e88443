/** `/jobs/$job/edit`: changes a job. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { editJob, type Job, jobQuery } from "../services/jobs.ts";
import { showToast } from "../services/toasts.ts";
import { draftOf } from "../views/jobs/form/job-draft.ts";
import { JobForm } from "../views/jobs/form/job-form.tsx";
import { changesBetween, inputOf } from "../views/jobs/form/job-input.ts";

const route = getRouteApi("/jobs/$job/edit");

export function JobEditView() {
  const { job: id } = route.useParams();
  const query = useQuery(jobQuery(id));
  const name = query.data?.job.name;
  return (
    <>
      <PageHeader
        crumb={
          <Link to="/jobs/$job" params={{ job: id }}>
            {name ?? "Job"}
          </Link>
        }
        title={name === undefined ? "Edit job" : `Edit ${name}`}
        description="A change makes a new version. A change of when it runs counts from now."
      />
      <QueryState query={query} height={800} lines={14}>
        {({ job }) => <EditForm key={id} job={job} />}
      </QueryState>
    </>
  );
}

function EditForm({ job }: { job: Job }) {
  const navigate = useNavigate();
  // As the job was when the page opened: a change meanwhile must not overwrite what is typed.
  const [initial] = useState(() => draftOf(job));
  const leave = () => void navigate({ to: "/jobs/$job", params: { job: job.id } });
  return (
    <JobForm
      initial={initial}
      isEdit
      submit="Save the changes"
      save={(input) => editJob(job.id, changesBetween(inputOf(initial).input, input))}
      onSaved={({ name }) => {
        showToast(`“${name}” is changed`);
        leave();
      }}
      onCancel={leave}
    />
  );
}
