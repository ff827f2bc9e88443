/** What needs a person: the newest questions, each a link to where it is answered. */
import "./overview.css";
import { IconCircleCheck } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatCount, formatNoun } from "../../format/numbers.ts";
import type { Schema } from "../../services/api.ts";
import type { Overview } from "../../services/overview.ts";

export function NeedsYou({ attention: { total, newest } }: { attention: Overview["attention"] }) {
  return (
    <section className="panel needs-you" data-tone={total > 0 ? "warning" : undefined} aria-labelledby="needs-you">
      <header>
        <h2 id="needs-you">Needs you</h2>
        {total > newest.length ? <Link to="/attention">Show all {formatCount(total)}</Link> : null}
      </header>
      {total === 0 ? (
        <p className="needs-you-calm">
          <IconCircleCheck size={22} aria-hidden />
          Nothing waits for a person. Millrace asks here when it must not go on alone.
        </p>
      ) : (
        <ul className="needs-you-list" aria-label={`The newest of ${formatNoun(total, "question")}`}>
          {newest.map((notification) => (
            <li key={notification.id}>
              <Question notification={notification} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Question({ notification }: { notification: Schema<"Notification"> }) {
  const { kind, message, workflow, job, mutation, createdAt } = notification;
  const about = workflow?.name ?? job?.name;
  return (
    <Link {...placeOf(notification)} className="needs-you-item">
      <span className="needs-you-head">
        <StatusBadge domain="notification" status={kind} />
        <strong>{mutation?.title ?? about ?? "Millrace"}</strong>
        <span className="soft">
          {mutation === null || about === undefined ? null : `${about} · `}
          <TimeText at={createdAt} />
        </span>
      </span>
      <span className="needs-you-message">{message}</span>
    </Link>
  );
}

/** Where a question is answered: the page of what it is about. */
function placeOf({
  mutation,
  runId,
  job,
  workflow,
}: Schema<"Notification">): Pick<LinkProps, "to" | "params" | "search"> {
  if (mutation !== null) return { to: "/outputs/$output", params: { output: mutation.id } };
  if (runId !== null) return { to: "/runs/$run", params: { run: runId } };
  if (job !== null) return { to: "/jobs/$job", params: { job: job.id } };
  if (workflow !== null) return { to: "/workflows/$workflow", params: { workflow: workflow.name } };
  return { to: "/attention" };
}
