/** A handler's run, and how a row becomes one. */
import type { Selectable } from "kysely";
import { decodeJson, decodeListedJson, type DecodeJson } from "../codecs.ts";
import type { MutationId, RunId, ScriptId, SessionId, WorkflowId } from "../ids.ts";
import type { JsonValue } from "../json.ts";
import type { HandlerRunTable } from "../schema.ts";
import type { HandlerType, LogLevel, MutationOutcome, RunPhase, RunPosition, RunStatus } from "../statuses.ts";

export interface HandlerRun {
  id: RunId;
  sessionId: SessionId;
  workflowId: WorkflowId;
  scriptId: ScriptId;
  handlerType: HandlerType;
  handlerName: string;
  trigger: string;
  phase: RunPhase;
  status: RunStatus;
  /** The run that this one retries. */
  retryOf: RunId | null;
  /** 1 for the first of a chain. */
  attempt: number;
  /** How many transient failures in a row came before this run. */
  transientFailures: number;
  mutationId: MutationId | null;
  mutationOutcome: MutationOutcome | null;
  prepareResult: JsonValue | null;
  inputState: JsonValue | null;
  outputState: JsonValue | null;
  error: string | null;
  errorType: string | null;
  startedAt: number;
  /** When the run came to each phase between its beginning and its end; null where it did not, or that is not known. */
  preparedAt: number | null;
  mutatingAt: number | null;
  mutatedAt: number | null;
  emittingAt: number | null;
  endedAt: number | null;
}

/** The times of the phases between a run's beginning and its end. */
export type PhaseTimes = Pick<HandlerRun, "preparedAt" | "mutatingAt" | "mutatedAt" | "emittingAt">;

export type NewHandlerRun = Omit<
  HandlerRun,
  "id" | "status" | "outputState" | "error" | "errorType" | "startedAt" | "endedAt" | keyof PhaseTimes
>;

export type HandlerRunPatch = RunPosition &
  Partial<
    Pick<
      HandlerRun,
      | "mutationId"
      | "mutationOutcome"
      | "prepareResult"
      | "outputState"
      | "error"
      | "errorType"
      | "endedAt"
      | "sessionId"
      | keyof PhaseTimes
    >
  >;

export interface RunLog {
  at: number;
  level: LogLevel;
  message: string;
  data: JsonValue | null;
}

/** Gives a run from its row. @throws CorruptRowError */
export const toHandlerRun = (row: Selectable<HandlerRunTable>) => readRun(row, decodeJson);

/** Like {@link toHandlerRun}, with `UNREADABLE` in the place of a column that can't be read. */
export const toListedRun = (row: Selectable<HandlerRunTable>) => readRun(row, decodeListedJson);

function readRun(row: Selectable<HandlerRunTable>, decode: DecodeJson): HandlerRun {
  const json = (column: "prepare_result" | "input_state" | "output_state") => {
    const text = row[column];
    return text === null ? null : decode(text, "handler_runs", row.id, column);
  };
  return {
    id: row.id,
    sessionId: row.session_id,
    workflowId: row.workflow_id,
    scriptId: row.script_id,
    handlerType: row.handler_type,
    handlerName: row.handler_name,
    trigger: row.trigger,
    phase: row.phase,
    status: row.status,
    retryOf: row.retry_of,
    attempt: row.attempt,
    transientFailures: row.transient_failures,
    mutationId: row.mutation_id,
    mutationOutcome: row.mutation_outcome,
    prepareResult: json("prepare_result"),
    inputState: json("input_state"),
    outputState: json("output_state"),
    error: row.error,
    errorType: row.error_type,
    startedAt: row.started_at,
    preparedAt: row.prepared_at,
    mutatingAt: row.mutating_at,
    mutatedAt: row.mutated_at,
    emittingAt: row.emitting_at,
    endedAt: row.ended_at,
  };
}
