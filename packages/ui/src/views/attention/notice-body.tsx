/** What is to be read, and perhaps tried again. What was settled is only told. */
import { ActionButton } from "../../components/action-button.tsx";
import { JsonViewer } from "../../components/json-viewer.tsx";
import { dismissNotification, type Notification } from "../../services/attention.ts";
import { ButtonLink } from "../button-link.tsx";
import { RetryButton } from "../runs/retry-button.tsx";

/** Of these the workflow stands still, and a new attempt is what helps. */
const retriable = new Set<Notification["kind"]>(["authorisation", "logic", "internal", "transient"]);

export function NoticeBody({ notification }: { notification: Notification }) {
  const { id, kind, message, runId, workflow, mutation, resolvedAt } = notification;
  const isOpen = resolvedAt === null;
  return (
    <div className="stack">
      <p className="attention-message">{message}</p>
      {kind === "late_outcome" && mutation !== null && mutation.lateOutcome !== null ? (
        <JsonViewer label="Late outcome" value={mutation.lateOutcome} />
      ) : null}
      <div className="row">
        {runId === null ? null : (
          <ButtonLink to="/runs/$run" params={{ run: runId }}>
            See the run
          </ButtonLink>
        )}
        {isOpen && runId !== null && workflow !== null && retriable.has(kind) ? (
          <RetryButton workflow={workflow.name} />
        ) : null}
        {isOpen ? (
          <ActionButton variant="subtle" action={() => dismissNotification(id)} success="Dismissed">
            Dismiss
          </ActionButton>
        ) : null}
      </div>
    </div>
  );
}
