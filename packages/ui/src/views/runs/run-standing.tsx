/** How a run stands, why, and what can be done about it. */
import { Link } from "@tanstack/react-router";
import type { RunDetails } from "../../services/runs.ts";
import { StateBanner } from "../state-banner.tsx";
import { runStanding } from "./run-words.ts";

export function RunStanding({ details: { run, attempts, output } }: { details: RunDetails }) {
  const { tone, title, text } = runStanding({ run, output });
  const next = attempts.find(({ retryOf }) => retryOf === run.id);
  const waitsForPerson =
    next === undefined && (run.status === "paused:approval" || run.status === "paused:reconciliation");
  return (
    <StateBanner tone={tone} title={title}>
      {text}
      {run.error === null ? null : (
        <p className="state-banner-error">
          {run.errorType === null ? "" : `${run.errorType}: `}
          {run.error}
        </p>
      )}
      <ul className="plain-list">
        {waitsForPerson && output !== null ? (
          <li>
            <Link to="/outputs/$output" params={{ output: output.id }}>
              Look at its output, “{output.title}”
            </Link>
          </li>
        ) : null}
        {next === undefined ? null : (
          <li>
            <Link to="/runs/$run" params={{ run: next.id }}>
              It was followed by attempt {next.attempt}
            </Link>
          </li>
        )}
      </ul>
    </StateBanner>
  );
}
