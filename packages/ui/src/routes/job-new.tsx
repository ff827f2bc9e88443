/** `/jobs/new`: makes a job. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { PageHeader } from "../components/page-header.tsx";
import { createJob } from "../services/jobs.ts";
import { showToast } from "../services/toasts.ts";
import { emptyDraft } from "../views/jobs/form/job-draft.ts";
import { JobForm } from "../views/jobs/form/job-form.tsx";

export function JobNewView() {
  const navigate = useNavigate();
  const [initial] = useState(() => emptyDraft(Intl.DateTimeFormat().resolvedOptions().timeZone));
  return (
    <>
      <PageHeader
        crumb={<Link to="/jobs">Jobs</Link>}
        title="New job"
        description="Say what it runs and when. Under “What this means” stands how the host understands it."
      />
      <JobForm
        initial={initial}
        isEdit={false}
        submit="Create the job"
        save={createJob}
        onSaved={({ id, name }) => {
          showToast(`“${name}” is scheduled`);
          void navigate({ to: "/jobs/$job", params: { job: id } });
        }}
        onCancel={() => void navigate({ to: "/jobs" })}
      />
    </>
  );
}
