/** Runs a job now, with its own payload or another. */
import { Checkbox, Textarea } from "@mantine/core";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { type Job, runJob } from "../../services/jobs.ts";
import { parseJsonText } from "./form/json-text.ts";

interface JobDialogProps {
  job: Job;
  onClose: () => void;
}

export function RunDialog({ job, onClose }: JobDialogProps) {
  const [isOther, setIsOther] = useState(false);
  const [text, setText] = useState(() => JSON.stringify(job.payload, null, 2));
  const payload = parseJsonText(text);
  const error = isOther && "fault" in payload ? payload.fault : null;
  const run = () => runJob(job.id, isOther && "value" in payload ? payload.value : undefined);
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Run “${job.name}” now`}
      consequences={["It runs once more, beside its schedule, which goes on as before."]}
      confirm="Run now"
      disabled={error !== null}
      action={run}
      success={`“${job.name}” runs`}
    >
      <Checkbox
        label="Give it another payload this time"
        checked={isOther}
        onChange={({ currentTarget }) => setIsOther(currentTarget.checked)}
      />
      {isOther ? (
        <Textarea
          label="Payload (JSON)"
          value={text}
          error={error}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          autosize
          minRows={4}
          maxRows={14}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      ) : null}
    </ConfirmDialog>
  );
}
