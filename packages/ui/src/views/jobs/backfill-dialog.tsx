/** Makes up for past times of a job: first how many they are, then the question. */
import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { formatNoun } from "../../format/numbers.ts";
import { fromLocalField, toLocalField } from "../../format/times.ts";
import { backfillJob, type BackfillRange, type Job } from "../../services/jobs.ts";

const dayMs = 86_400_000;

export function BackfillDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const [from, setFrom] = useState(() => toLocalField(Date.now() - dayMs));
  const [until, setUntil] = useState(() => toLocalField(Date.now()));
  const range = rangeOf(from, until);
  const count = useMutation({ mutationFn: (asked: BackfillRange) => backfillJob(job.id, asked, true) });
  // What was counted counts for the range that it was asked for alone.
  const counted =
    range !== null && count.variables?.from === range.from && count.variables.until === range.until
      ? count.data
      : undefined;
  const confirmed = () => {
    if (range === null) throw new Error("The range is not complete.");
    return backfillJob(job.id, range, false);
  };
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Make up for past runs of “${job.name}”`}
      consequences={[
        "Each due time of the range that has no record runs now, with its nominal time as it was.",
        "Times that ran, or were left out for a reason, stay as they are.",
      ]}
      confirm={counted === undefined ? "Run them" : `Run ${formatNoun(counted.executions, "execution")}`}
      disabled={counted === undefined || counted.executions === 0}
      action={confirmed}
      success="The past runs are under way"
    >
      <div className="row" style={{ alignItems: "flex-end" }}>
        <TextInput
          type="datetime-local"
          label="From"
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="Until (not included)"
          value={until}
          onChange={({ currentTarget }) => setUntil(currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={range === null}
          loading={count.isPending}
          onClick={() => range !== null && count.mutate(range)}
        >
          Count them
        </Button>
      </div>
      {count.isError ? <ProblemNote error={count.error} /> : null}
      <p role="status" style={{ margin: 0, minHeight: "1.5em" }}>
        {range === null
          ? "Give a beginning, and an end after it."
          : counted === undefined
            ? "Count them first."
            : `${formatNoun(counted.ticks, "due time")} in the range; ${formatNoun(counted.executions, "execution")} would be made.`}
      </p>
    </ConfirmDialog>
  );
}

function rangeOf(from: string, until: string): BackfillRange | null {
  const [first, last] = [fromLocalField(from), fromLocalField(until)];
  return first === null || last === null || first >= last ? null : { from: first, until: last };
}
