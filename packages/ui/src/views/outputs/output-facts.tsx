/** What is written down about an output: when it was sent, how it was found out, who decided. */
import { Link } from "@tanstack/react-router";
import { CopyButton } from "../../components/copy-button.tsx";
import { type Description, DescriptionList } from "../../components/description-list.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Output } from "../../services/outputs.ts";
import { Panel } from "../panel.tsx";
import { WorkflowLink } from "../workflow-link.tsx";
import { ANSWER_WORDS } from "./output-words.ts";

export function OutputFacts({ output }: { output: Output }) {
  return (
    <Panel title="Facts">
      <DescriptionList
        items={[
          { term: "Workflow", value: <WorkflowLink workflow={output.workflow} /> },
          {
            term: "Made by",
            value: (
              <Link to="/runs/$run" params={{ run: output.runId }}>
                Its run
              </Link>
            ),
          },
          { term: "Written down", value: <TimeText at={output.createdAt} exact /> },
          { term: "Sent", value: <TimeText at={output.sentAt} exact fallback="Never" /> },
          { term: "Last changed", value: <TimeText at={output.updatedAt} exact /> },
          {
            term: "Idempotency key",
            value: (
              <>
                <span className="mono">{output.idempotencyKey}</span>{" "}
                <CopyButton text={output.idempotencyKey} label="Copy the key" />
              </>
            ),
          },
        ]}
      />
    </Panel>
  );
}

/** Left out where the connector never had to be asked. */
export function Reconciliation({ output }: { output: Output }) {
  if (output.uncertainSince === null && output.reconcileAttempts === 0) return null;
  return (
    <Panel title="Finding out" hint="What was done to learn whether it happened.">
      <DescriptionList
        items={[
          { term: "Unknown since", value: <TimeText at={output.uncertainSince} exact /> },
          { term: "Times the connector was asked", value: output.reconcileAttempts },
          { term: "Times it said: not there", value: output.notAppliedCount },
          { term: "Last asked", value: <TimeText at={output.lastReconcileAt} exact fallback="Never" /> },
          { term: "Asked again", value: <TimeText at={output.nextReconcileAt} exact fallback="Not by itself" /> },
        ]}
      />
    </Panel>
  );
}

/** Who decided what about it, when, and on what grounds; left out where nobody had to. */
export function Decisions({ output }: { output: Output }) {
  const items = [...approvalOf(output), ...resolutionOf(output)];
  if (items.length === 0) return null;
  return (
    <Panel title="Decided by people">
      <DescriptionList items={items} />
    </Panel>
  );
}

function approvalOf({ approvedBy, approvedAt, approvalEvidence }: Output): Description[] {
  if (approvedAt === null) return [];
  return [
    { term: "Approved by", value: approvedBy ?? "unknown" },
    { term: "Approved", value: <TimeText at={approvedAt} exact /> },
    { term: "Why it was approved", value: approvalEvidence ?? "Nothing was written down" },
  ];
}

function resolutionOf({ resolution, resolvedBy, resolvedAt, evidence }: Output): Description[] {
  if (resolution === null && resolvedBy === null) return [];
  return [
    { term: "Answer", value: resolution === null ? "Rejected" : ANSWER_WORDS[resolution].label },
    { term: "Answered by", value: resolvedBy ?? "the connector" },
    { term: "Answered", value: <TimeText at={resolvedAt} exact /> },
    { term: "Evidence", value: evidence ?? "Nothing was written down" },
  ];
}
