/** The schedule in words with its next runs, as the host understands what is typed. Its place does not grow or shrink. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ToneBadge } from "../../../components/status-badge.tsx";
import { ProblemNote } from "../../../components/problem-note.tsx";
import { TimeText } from "../../../components/time-text.tsx";
import type { Schema } from "../../../services/api.ts";
import { asProblem } from "../../../services/api-problem.ts";
import { schedulePreviewQuery } from "../../../services/jobs.ts";
import { fieldErrorsOf } from "./field-errors.ts";
import type { JobDraft } from "./job-draft.ts";
import { type FieldErrors, previewInput } from "./job-input.ts";

const pauseMs = 400;

type Preview = Schema<"SchedulePreview">;
type Change = NonNullable<Preview["runs"][number]["change"]>;

const changes: Record<Change, string> = {
  shifted: "moved: the clocks leave this time out",
  "repeated-first": "the first of two: the clocks repeat this time",
  "repeated-last": "the second of two: the clocks repeat this time",
  "after-skipped": "after a day left out: the clocks left its time out",
  "offset-change": "the clocks have changed since the run before",
};

/** What the host says of the schedule that is typed, once the typing pauses. */
export function useSchedulePreview(draft: JobDraft) {
  const text = JSON.stringify(previewInput(draft));
  const [settled] = useDebouncedValue(text, pauseMs);
  // It was made by `previewInput` just above.
  const query = useQuery(schedulePreviewQuery(JSON.parse(settled) as Record<string, unknown>));
  const errors: FieldErrors = query.isError ? fieldErrorsOf(query.error) : {};
  return { query, errors, isSettled: text === settled && !query.isFetching };
}

interface SchedulePreviewProps {
  preview: ReturnType<typeof useSchedulePreview>;
  type: JobDraft["type"];
}

export function SchedulePreview({ preview: { query, errors, isSettled }, type }: SchedulePreviewProps) {
  return (
    <section className="panel schedule-preview" aria-labelledby="preview" data-settled={isSettled}>
      <h2 id="preview">What this means</h2>
      <div role="status" aria-live="polite">
        {query.isError ? (
          <Refused error={query.error} errors={errors} />
        ) : query.data === undefined ? (
          <p className="soft">Reading the schedule…</p>
        ) : (
          <Understood preview={query.data} type={type} />
        )}
      </div>
    </section>
  );
}

/** A fault that stands at its field is not said twice. */
function Refused({ error, errors }: { error: unknown; errors: FieldErrors }) {
  const faults = Object.values(errors);
  if (faults.length === 0 || asProblem(error).status >= 500) return <ProblemNote error={error} />;
  return (
    <>
      <p style={{ margin: 0 }}>This is no schedule yet:</p>
      <ul style={{ margin: "4px 0 0", paddingLeft: 18 }}>
        {faults.map((fault) => (
          <li key={fault}>{fault}</li>
        ))}
      </ul>
    </>
  );
}

function Understood({ preview: { description, runs }, type }: { preview: Preview; type: JobDraft["type"] }) {
  return (
    <>
      <p className="schedule-preview-words">{description}</p>
      {runs.length === 0 ? (
        <p className="soft" style={{ margin: 0 }}>
          {type === "event" ? "It has no times of its own: it runs when the event happens." : "It would not run."}
        </p>
      ) : (
        <ol className="job-next" aria-label="The next runs">
          {runs.map(({ at, local, change }) => (
            <li key={at}>
              <span>
                <span className="numbers">{local.replace("T", " ")}</span>
                {change === null ? null : (
                  <span className="schedule-preview-change">
                    <ToneBadge tone="warning">{changes[change]}</ToneBadge>
                  </span>
                )}
              </span>
              <span className="soft">
                <TimeText at={at} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
