/** An external action, and how a row becomes one. */
import type { Selectable } from "kysely";
import { decodeJson, decodeListedJson, type DecodeJson } from "../codecs.ts";
import type { MutationId, RunId, WorkflowId } from "../ids.ts";
import type { JsonValue } from "../json.ts";
import type { MutationTable } from "../schema.ts";
import type { MutationStatus, Resolution } from "../statuses.ts";

export interface Mutation {
  id: MutationId;
  handlerRunId: RunId;
  workflowId: WorkflowId;
  connector: string;
  operation: string;
  params: JsonValue;
  idempotencyKey: string;
  /** What it does, in words. */
  title: string;
  status: MutationStatus;
  result: JsonValue | null;
  error: string | null;
  /** When the request was about to be sent. */
  sentAt: number | null;
  approvedBy: string | null;
  approvedAt: number | null;
  approvalEvidence: string | null;
  /** How often the connector was asked. */
  reconcileAttempts: number;
  /** How often in a row it answered "not applied" after the settle window. */
  notAppliedCount: number;
  uncertainSince: number | null;
  lastReconcileAt: number | null;
  nextReconcileAt: number | null;
  resolution: Resolution | null;
  /** Who settled it: a person, or `reconcile`. */
  resolvedBy: string | null;
  resolvedAt: number | null;
  evidence: string | null;
  /** What the call gave when it came back after its outcome had been declared unknown. */
  lateOutcome: JsonValue | null;
  createdAt: number;
  updatedAt: number;
}

export type NewMutation = Pick<
  Mutation,
  "handlerRunId" | "workflowId" | "connector" | "operation" | "params" | "idempotencyKey" | "title" | "sentAt"
> & { status: "pending" | "in_flight" };

export type MutationPatch = Partial<
  Omit<
    Mutation,
    "id" | "handlerRunId" | "workflowId" | "connector" | "operation" | "params" | "title" | "createdAt" | "updatedAt"
  >
>;

/** Gives a mutation from its row. @throws CorruptRowError */
export const toMutation = (row: Selectable<MutationTable>) => readMutation(row, decodeJson);

/** Like {@link toMutation}, with `UNREADABLE` in the place of a column that can't be read. */
export const toListedMutation = (row: Selectable<MutationTable>) => readMutation(row, decodeListedJson);

function readMutation(row: Selectable<MutationTable>, decode: DecodeJson): Mutation {
  const json = (column: "result" | "late_outcome") => {
    const text = row[column];
    return text === null ? null : decode(text, "mutations", row.id, column);
  };
  return {
    id: row.id,
    handlerRunId: row.handler_run_id,
    workflowId: row.workflow_id,
    connector: row.connector,
    operation: row.operation,
    params: decode(row.params, "mutations", row.id, "params"),
    idempotencyKey: row.idempotency_key,
    title: row.title,
    status: row.status,
    result: json("result"),
    error: row.error,
    sentAt: row.sent_at,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    approvalEvidence: row.approval_evidence,
    reconcileAttempts: row.reconcile_attempts,
    notAppliedCount: row.not_applied_count,
    uncertainSince: row.uncertain_since,
    lastReconcileAt: row.last_reconcile_at,
    nextReconcileAt: row.next_reconcile_at,
    resolution: row.resolution,
    resolvedBy: row.resolved_by,
    resolvedAt: row.resolved_at,
    evidence: row.evidence,
    lateOutcome: json("late_outcome"),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
