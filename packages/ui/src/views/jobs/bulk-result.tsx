/** What came of an action on many jobs, the refusals included. */
import "./jobs.css";
import { CloseButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { formatNoun } from "../../format/numbers.ts";
import type { BulkJobAction, JobAction } from "../../services/jobs.ts";
import { BULK_WORDS } from "./bulk-words.ts";

interface BulkResultProps {
  action: JobAction;
  outcome: BulkJobAction;
  onDismiss: () => void;
}

export function BulkResult({ action, outcome: { changed, refused, truncated }, onDismiss }: BulkResultProps) {
  return (
    <div className="bulk-result" role="status">
      <div>
        <p>
          <strong>
            {formatNoun(changed, "job was", "jobs were")} {BULK_WORDS[action].done}
            {refused.length === 0 ? "." : `, ${formatNoun(refused.length, "job was", "jobs were")} not:`}
          </strong>
          {truncated ? " More match: do it again for the rest." : null}
        </p>
        {refused.length === 0 ? null : (
          <ul>
            {refused.map(({ id, name, reason }) => (
              <li key={id}>
                <Link to="/jobs/$job" params={{ job: id }} style={{ textDecoration: "underline" }}>
                  {name}
                </Link>{" "}
                {reason}
              </li>
            ))}
          </ul>
        )}
      </div>
      <CloseButton size="sm" aria-label="Dismiss" onClick={onDismiss} />
    </div>
  );
}
