/** The questions before something is done with a job. */
import { Checkbox } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { cancelJob, deleteJob, type Job, pauseJob, resumeJob, skipNextRun } from "../../services/jobs.ts";

interface JobDialogProps {
  job: Job;
  onClose: () => void;
}

export function PauseDialog({ job, onClose }: JobDialogProps) {
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Pause “${job.name}”`}
      consequences={["It starts nothing until it is resumed. What runs now goes on to its end."]}
      evidence={{ label: "Note (optional)", description: "Why; it is shown to all who look at the job." }}
      confirm="Pause"
      action={(note) => pauseJob(job.id, note)}
      success={`“${job.name}” is paused`}
    />
  );
}

export function ResumeDialog({ job, onClose }: JobDialogProps) {
  const [catchUp, setCatchUp] = useState(false);
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Resume “${job.name}”`}
      consequences={[
        catchUp
          ? "What was due while it was paused is treated as missed: its rule for missed runs says what runs now."
          : "It goes on from now. What was due while it was paused is left out.",
      ]}
      confirm="Resume"
      action={() => resumeJob(job.id, catchUp)}
      success={`“${job.name}” goes on`}
    >
      <Checkbox
        label="Catch up on what was due meanwhile"
        checked={catchUp}
        onChange={({ currentTarget }) => setCatchUp(currentTarget.checked)}
      />
    </ConfirmDialog>
  );
}

export function CancelDialog({ job, onClose }: JobDialogProps) {
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Cancel “${job.name}”`}
      consequences={[
        "It ends for good: no run follows, and what runs now is told to stop.",
        "Its history stays. It runs again only when it is edited.",
      ]}
      evidence={{ label: "Reason (optional)" }}
      confirm="Cancel the job"
      danger
      action={(reason) => cancelJob(job.id, reason)}
      success={`“${job.name}” is cancelled`}
    />
  );
}

export function SkipNextDialog({ job, onClose }: JobDialogProps) {
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Skip the next run of “${job.name}”`}
      consequences={["The next run is left out, and recorded as such. The one after it comes as usual."]}
      evidence={{ label: "Reason (optional)" }}
      confirm="Skip it"
      action={(reason) => skipNextRun(job.id, reason)}
      success="The next run is left out"
    >
      <p style={{ margin: 0 }}>
        The next run: <TimeText at={job.nextRun} exact />
      </p>
    </ConfirmDialog>
  );
}

export function DeleteDialog({ job, onClose }: JobDialogProps) {
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete “${job.name}”`}
      consequences={[
        "The job is gone, with its whole history, logs and versions. Nothing brings them back.",
        "What runs now is told to stop.",
      ]}
      confirm="Delete the job"
      danger
      action={async () => {
        await deleteJob(job.id);
        // Before the page asks for a job that is gone.
        await navigate({ to: "/jobs", replace: true });
      }}
      success={`“${job.name}” is deleted`}
    />
  );
}
