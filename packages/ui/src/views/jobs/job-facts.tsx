/** What a job is like: its figures, its next runs, and how it is set up. */
import "./jobs.css";
import { DescriptionList } from "../../components/description-list.tsx";
import { JsonViewer } from "../../components/json-viewer.tsx";
import { NumberStat, NumberStats } from "../../components/number-stat.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatCount, formatNoun } from "../../format/numbers.ts";
import { formatDuration, formatExactTime } from "../../format/times.ts";
import type { Schema } from "../../services/api.ts";
import type { Job } from "../../services/jobs.ts";
import { DayTime } from "../schedules/day-time.tsx";
import { DELIVERY_WORDS, handlerInWords, MISFIRE_WORDS, MODE_WORDS, OVERLAP_WORDS, TYPE_WORDS } from "./job-words.ts";

export function JobFigures({ details: { job, statistics } }: { details: Schema<"JobDetails"> }) {
  const { successRate, duration, executions } = statistics;
  return (
    <NumberStats>
      <NumberStat
        label="Succeeded"
        value={successRate === null ? "–" : `${(successRate * 100).toFixed(1)} %`}
        hint={`of the last ${formatNoun(executions, "execution")}`}
        tone={successRate !== null && successRate < 0.9 ? "danger" : "neutral"}
      />
      <NumberStat
        label="Failures in a row"
        value={job.consecutiveFailures}
        hint={job.autoPauseAfter === null ? "never paused for it" : `paused at ${job.autoPauseAfter}`}
        tone={job.consecutiveFailures > 0 ? "warning" : "neutral"}
      />
      <NumberStat
        label="Takes usually"
        value={duration === null ? "–" : formatDuration(duration.p50)}
        hint={duration === null ? "nothing ran" : `19 of 20 within ${formatDuration(duration.p95)}`}
      />
      <NumberStat
        label="Longest"
        value={duration === null ? "–" : formatDuration(duration.longest)}
        hint={`stopped after ${formatDuration(job.timeoutMs)}`}
      />
    </NumberStats>
  );
}

export function NextRuns({ next }: { next: readonly number[] }) {
  return (
    <section className="panel" aria-labelledby="next-runs">
      <h2 id="next-runs">Next runs</h2>
      {next.length === 0 ? (
        <p className="soft" style={{ margin: 0 }}>
          None is due.
        </p>
      ) : (
        <ol className="job-next">
          {next.map((at) => (
            <li key={at}>
              <DayTime at={at} />
              <span className="soft">
                <TimeText at={at} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

export function JobSettings({ job }: { job: Job }) {
  return (
    <section className="panel" aria-labelledby="settings">
      <h2 id="settings">How it is set up</h2>
      <DescriptionList
        items={[
          { term: "Type", value: TYPE_WORDS[job.type].label },
          { term: "Runs", value: <span className="mono">{handlerInWords(job)}</span> },
          { term: "Part of the workflow", value: partInWords(job.handlerTarget) },
          { term: "Key", value: job.key },
          { term: "Schedule expression", value: job.cronExpression },
          { term: "Time zone", value: job.cronExpression === null ? null : job.timezone },
          { term: "Interval counts", value: job.intervalMs === null ? null : MODE_WORDS[job.intervalMode] },
          { term: "Event", value: job.eventName },
          { term: "Ends", value: job.endsAt === null ? null : formatExactTime(job.endsAt) },
          { term: "Runs at most", value: job.maxRuns === null ? null : formatNoun(job.maxRuns, "time") },
          { term: "While an earlier run goes on", value: OVERLAP_WORDS[job.overlapPolicy] },
          { term: "Runs that were missed", value: MISFIRE_WORDS[job.misfirePolicy] },
          { term: "Attempts", value: formatCount(job.maxRetries + 1) },
          { term: "First wait before a repeat", value: formatDuration(job.retryDelayMs) },
          { term: "Stopped after", value: formatDuration(job.timeoutMs) },
          { term: "After a crash", value: DELIVERY_WORDS[job.delivery] },
          { term: "Priority", value: job.priority },
          { term: "History kept", value: formatNoun(job.keepLast, "execution") },
          { term: "Made by", value: job.createdBy },
          { term: "Made", value: <TimeText at={job.createdAt} /> },
          { term: "Changed", value: <TimeText at={job.updatedAt} /> },
          { term: "Id", value: <span className="mono">{job.id}</span> },
        ]}
      />
    </section>
  );
}

export function JobData({ job: { payload, metadata } }: { job: Job }) {
  return (
    <div className="panels">
      <section className="panel" aria-labelledby="payload">
        <h2 id="payload">Payload</h2>
        <JsonViewer value={payload} label="Payload" />
      </section>
      {metadata === null ? null : (
        <section className="panel" aria-labelledby="metadata">
          <h2 id="metadata">Metadata</h2>
          <JsonViewer value={metadata} label="Metadata" />
        </section>
      )}
    </div>
  );
}

/** "producer inbox"; null for what is no part of a workflow. */
function partInWords(target: Job["handlerTarget"]): string | null {
  if (typeof target !== "object" || target === null) return null;
  return Object.entries(target)
    .map(([kind, name]) => `${kind} ${String(name)}`)
    .join(", ");
}
