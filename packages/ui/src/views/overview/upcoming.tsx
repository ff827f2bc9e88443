/** What runs within the next 24 hours, as a line with marks and as a list. */
import "./overview.css";
import { Link } from "@tanstack/react-router";
import { Button } from "@mantine/core";
import { useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatNoun } from "../../format/numbers.ts";
import { formatDayAndClock } from "../../format/times.ts";
import { usePresentWords } from "../../services/present.ts";
import type { Overview } from "../../services/overview.ts";

type UpcomingRun = Overview["upcoming"][number];

const hourMs = 3_600_000;
const spanHours = 24;
const everyHours = 6;
const shown = 6;
const kinds: Record<UpcomingRun["kind"], string> = {
  producer: "Looks for new inputs",
  consumer: "Wakes up",
  retry: "Tries again",
  job: "Job",
};

export function Upcoming({ runs }: { runs: Overview["upcoming"] }) {
  const [all, setAll] = useState(false);
  return (
    <section className="panel" aria-labelledby="upcoming">
      <h2 id="upcoming">Comes next</h2>
      {runs.length === 0 ? (
        <EmptyState title="Nothing is due within 24 hours">Schedules of workflows and jobs show here.</EmptyState>
      ) : (
        <>
          <UpcomingStrip runs={runs} />
          <ol className="upcoming-list" aria-label="Runs of the next 24 hours, the soonest first">
            {(all ? runs : runs.slice(0, shown)).map((run) => (
              <UpcomingItem key={`${run.kind} ${run.workflow ?? run.jobId ?? ""} ${run.name}`} run={run} />
            ))}
          </ol>
          {runs.length > shown && !all ? (
            <Button variant="default" size="xs" style={{ marginTop: 8 }} onClick={() => setAll(true)}>
              Show all {formatNoun(runs.length, "run")}
            </Button>
          ) : null}
        </>
      )}
    </section>
  );
}

function UpcomingItem({ run }: { run: UpcomingRun }) {
  const { kind, at, schedule } = run;
  return (
    <li className="upcoming-item">
      <span className="upcoming-time">
        <TimeText at={at} />
      </span>
      <div className="upcoming-what">
        <div className="upcoming-name">
          <UpcomingName run={run} />
        </div>
        <div className="soft">
          {kinds[kind]}
          {schedule === null ? "" : ` · ${schedule}`}
        </div>
      </div>
    </li>
  );
}

function UpcomingName({ run: { workflow, jobId, name } }: { run: UpcomingRun }) {
  if (jobId !== null) {
    return (
      <Link to="/jobs/$job" params={{ job: jobId }}>
        {name}
      </Link>
    );
  }
  if (workflow === null) return name;
  return (
    <Link to="/workflows/$workflow" params={{ workflow }}>
      {workflow} · {name}
    </Link>
  );
}

/** The list says the same, so the drawing is not read out. */
function UpcomingStrip({ runs }: { runs: Overview["upcoming"] }) {
  // To the minute: the line moves on as time passes.
  const minute = Number(usePresentWords((now) => String(Math.floor(now / 60_000))));
  const now = minute * 60_000;
  const placeOf = (at: number) => `${(Math.min(1, Math.max(0, (at - now) / (spanHours * hourMs))) * 100).toFixed(2)}%`;
  const hours = Array.from({ length: spanHours / everyHours + 1 }, (_, index) => index * everyHours);
  return (
    <div className="upcoming-strip" aria-hidden>
      <div className="upcoming-strip-line" />
      {hours.map((hour) => (
        <div key={hour} className="upcoming-strip-hour" style={{ left: placeOf(now + hour * hourMs) }}>
          <span>{hour === 0 ? "now" : `${hour} h`}</span>
        </div>
      ))}
      {runs.map(({ kind, name, workflow, at }) => (
        <i
          key={`${kind} ${workflow ?? ""} ${name} ${at}`}
          className="upcoming-strip-mark"
          title={`${name}, ${formatDayAndClock(at)}`}
          style={{ left: placeOf(at) }}
        />
      ))}
    </div>
  );
}
