/** One thing that needs a person: what it is, why, and what can be done about it right here. */
import "./attention.css";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Notification } from "../../services/attention.ts";
import { WorkflowLink } from "../workflow-link.tsx";
import { ApprovalBody } from "./approval-body.tsx";
import { NoticeBody } from "./notice-body.tsx";
import { UnknownBody } from "./unknown-body.tsx";
import { useKeptFocus } from "./use-kept-focus.ts";

export function AttentionEntry({ notification }: { notification: Notification }) {
  const { kind, workflow, job, mutation, createdAt, resolvedAt } = notification;
  const titleId = useId();
  const entry = useKeptFocus();
  return (
    <article className="panel attention-entry" ref={entry} aria-labelledby={titleId} tabIndex={-1}>
      <header className="attention-head">
        <h2 id={titleId}>{titleOf(notification)}</h2>
        <StatusBadge domain="notification" status={kind} />
        <div className="attention-where">
          {workflow === null ? null : (
            <span>
              Workflow <WorkflowLink workflow={workflow} />
            </span>
          )}
          {job === null ? null : (
            <span>
              Job{" "}
              <Link to="/jobs/$job" params={{ job: job.id }}>
                {job.name}
              </Link>
            </span>
          )}
          {mutation === null ? null : (
            <Link to="/outputs/$output" params={{ output: mutation.id }}>
              All about this output
            </Link>
          )}
          <TimeText at={createdAt} />
          {resolvedAt === null ? null : (
            <span>
              settled <TimeText at={resolvedAt} />
            </span>
          )}
        </div>
      </header>
      <Body notification={notification} />
    </article>
  );
}

function titleOf({ mutation, workflow, job }: Notification): string {
  return mutation?.title || job?.name || workflow?.name || "Millrace";
}

function Body({ notification }: { notification: Notification }) {
  const { kind, mutation, resolvedAt } = notification;
  if (resolvedAt === null && mutation !== null) {
    if (kind === "indeterminate") return <UnknownBody output={mutation} message={notification.message} />;
    if (kind === "approval") return <ApprovalBody output={mutation} message={notification.message} />;
  }
  return <NoticeBody notification={notification} />;
}
