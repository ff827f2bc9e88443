/** What seldom needs to be said about a job: how it is repeated, limited and kept. Empty fields mean the host's default. */
import { Checkbox } from "@mantine/core";
import { DELIVERY_WORDS, MISFIRE_WORDS, optionsOf, OVERLAP_WORDS } from "../job-words.ts";
import { ChoiceField, CodeField, TextField, useJobForm } from "./form-fields.tsx";

export function AdvancedFields() {
  return (
    <>
      <h2 className="job-advanced-title">When it fails</h2>
      <div className="job-form-row">
        <TextField field="maxRetries" label="Repeats" description="How often it is tried again." />
        <TextField field="retryDelay" label="First wait" description="It grows with each repeat, for example 30s." />
        <TextField field="timeout" label="Stopped after" description="For example 5m." />
        <TextField field="autoPauseAfter" label="Paused after failures" description="So many in a row pause the job." />
      </div>
      <ChoiceField field="delivery" label="After a crash in the middle of a run" options={optionsOf(DELIVERY_WORDS)} />
      <h2 className="job-advanced-title">When runs meet</h2>
      <div className="job-form-row">
        <ChoiceField
          field="overlap"
          label="While an earlier run goes on"
          options={[{ value: "", label: "As usual for its type" }, ...optionsOf(OVERLAP_WORDS)]}
        />
        <TextField field="maxConcurrency" label="At once at most" description="Where both may run." />
        <TextField field="priority" label="Priority" description="From -100 to 100; higher goes first." />
        <TextField field="jitter" label="Spread" description="Begins up to so much later, for example 30s." />
      </div>
      <div className="job-form-row">
        <TextField
          field="concurrencyKey"
          path="concurrency.key"
          label="Shares a limit with"
          description="A key; {path} in it stands for a value of the payload."
        />
        <TextField field="concurrencyLimit" path="concurrency.limit" label="The limit of that key" />
      </div>
      <h2 className="job-advanced-title">Runs that were missed</h2>
      <MissedFields />
      <h2 className="job-advanced-title">What is kept</h2>
      <div className="job-form-row">
        <TextField field="key" label="Key" description="Your own stable name; the same key again edits this job." />
        <TextField field="keepLast" label="Executions kept" description="Older ones are removed." />
      </div>
      <CodeField field="metadata" label="Metadata (JSON object)" description="For your own use; Millrace ignores it." />
    </>
  );
}

function MissedFields() {
  const { draft, change } = useJobForm();
  return (
    <>
      <div className="job-form-row">
        <ChoiceField
          field="misfirePolicy"
          path="misfire.policy"
          label="When nobody could run them"
          options={optionsOf(MISFIRE_WORDS)}
        />
        <TextField
          field="misfireGrace"
          path="misfire.grace"
          label="Not missed before"
          description="So late is still in time."
        />
        <TextField
          field="misfireWindow"
          path="misfire.window"
          label="Forgotten after"
          description="Older ones are never made up for."
        />
        <TextField field="misfireLimit" path="misfire.limit" label="Made up for at most" />
      </div>
      <Checkbox
        label="Catch up when it is resumed after a pause"
        checked={draft.catchUp}
        onChange={({ currentTarget }) => change({ catchUp: currentTarget.checked })}
      />
    </>
  );
}
