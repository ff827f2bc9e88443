/** What is known of an execution: its times and attempts, what it was given, and what came of it. */
import "./jobs.css";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CopyButton } from "../../components/copy-button.tsx";
import { DescriptionList } from "../../components/description-list.tsx";
import { DurationText } from "../../components/duration-text.tsx";
import { JsonViewer } from "../../components/json-viewer.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatDuration } from "../../format/times.ts";
import type { Execution } from "../../services/executions.ts";
import { ORIGIN_WORDS } from "./job-words.ts";

export function ExecutionFacts({ execution }: { execution: Execution }) {
  const { startedAt, dueAt, scheduledAt } = execution;
  return (
    <section className="panel" aria-labelledby="facts">
      <h2 id="facts">What happened</h2>
      <DescriptionList
        items={[
          { term: "Came", value: ORIGIN_WORDS[execution.origin] },
          { term: "Asked for by", value: execution.createdBy },
          { term: "Was due for", value: <TimeText at={scheduledAt} exact /> },
          { term: "May begin from", value: dueAt === scheduledAt ? null : <TimeText at={dueAt} exact /> },
          { term: "Waits for", value: execution.status === "pending" ? (execution.waitsFor ?? "a free place") : null },
          { term: "Began", value: startedAt === null ? null : <TimeText at={startedAt} exact /> },
          {
            term: "Began late by",
            value: startedAt === null ? null : formatDuration(Math.max(0, startedAt - scheduledAt)),
          },
          {
            term: "Ended",
            value: execution.completedAt === null ? null : <TimeText at={execution.completedAt} exact />,
          },
          {
            term: "Took",
            value: startedAt === null ? null : <DurationText from={startedAt} until={execution.completedAt} />,
          },
          { term: "Attempt", value: attemptInWords(execution) },
          {
            term: "Next attempt",
            value: execution.nextRetryAt === null ? null : <TimeText at={execution.nextRetryAt} exact />,
          },
          {
            term: "Also stands for",
            value: execution.missedCount === 0 ? null : `${execution.missedCount} missed runs`,
          },
          { term: "Reason", value: execution.reason },
          { term: "Repeats", value: linkTo(execution.retryOf, "an earlier execution") },
          { term: "Was repeated by", value: linkTo(execution.redrivenBy, "a later execution") },
          { term: "Version of the job", value: execution.jobVersion },
          { term: "Event", value: execution.eventId },
          { term: "Worker", value: execution.workerId },
          { term: "Trace", value: idOf(execution.traceId, "trace id") },
          { term: "Span", value: idOf(execution.spanId, "span id") },
          { term: "Parent span", value: idOf(execution.parentSpanId, "parent span id") },
          { term: "Id", value: idOf(execution.id, "id") },
        ]}
      />
    </section>
  );
}

export function ExecutionError({ execution: { error, errorType, errorStack } }: { execution: Execution }) {
  if (error === null) return null;
  return (
    <section className="panel" aria-labelledby="error">
      <h2 id="error">{errorType ?? "Error"}</h2>
      <p className="error-text">{error}</p>
      {errorStack === null ? null : (
        <details style={{ marginTop: 8 }}>
          <summary>Where it happened</summary>
          <pre className="machine-text error-stack" tabIndex={0} aria-label="Stack">
            {errorStack}
          </pre>
        </details>
      )}
    </section>
  );
}

export function ExecutionData({ execution: { payload, result, status } }: { execution: Execution }) {
  return (
    <div className="panels">
      <section className="panel" aria-labelledby="payload">
        <h2 id="payload">Payload</h2>
        {payload === null ? (
          <p className="soft" style={{ margin: 0 }}>
            None of its own: it is given the job's payload.
          </p>
        ) : (
          <JsonViewer value={payload} label="Payload" />
        )}
      </section>
      {status === "success" || result !== null ? (
        <section className="panel" aria-labelledby="result">
          <h2 id="result">Result</h2>
          <JsonViewer value={result} label="Result" />
        </section>
      ) : null}
    </div>
  );
}

function attemptInWords({ attempt }: Execution): string {
  if (attempt < 2) return attempt === 0 ? "none yet" : "1";
  return `${attempt}, after ${attempt === 2 ? "one that" : `${attempt - 1} that`} failed`;
}

function linkTo(id: string | null, words: string): ReactNode {
  if (id === null) return null;
  return (
    <Link to="/executions/$execution" params={{ execution: id }}>
      {words}
    </Link>
  );
}

function idOf(value: string | null, name: string): ReactNode {
  if (value === null) return null;
  return (
    <span>
      <span className="mono">{value}</span> <CopyButton text={value} label={`Copy the ${name}`} />
    </span>
  );
}
