/** One lookup from the class of an error to the status of the run that it ends. */
import type { NotificationKind, RunStatus } from "@millrace/db";
import {
  AuthError,
  type ClassifiedError,
  InternalError,
  LogicError,
  NetworkError,
  PermissionError,
  RateLimitError,
} from "../errors.ts";

/** A run's failure, as it is stored and decided upon. */
export interface Failure {
  status: Extract<RunStatus, "paused:transient" | "paused:approval" | "failed:logic" | "failed:internal">;
  /** The class of the error. */
  errorType: string;
  message: string;
  /** How long the other side asked to wait, in milliseconds. */
  retryAfterMs: number | null;
}

/** What a person is told when a run of this status needs one. */
export const NOTIFICATION_OF_STATUS = {
  "paused:transient": "transient",
  "paused:approval": "authorisation",
  "failed:logic": "logic",
  "failed:internal": "internal",
} as const satisfies Record<Failure["status"], NotificationKind>;

const STATUS_OF_ERROR = [
  [AuthError, "paused:approval"],
  [PermissionError, "paused:approval"],
  [NetworkError, "paused:transient"],
  [RateLimitError, "paused:transient"],
  [LogicError, "failed:logic"],
  [InternalError, "failed:internal"],
] as const;

/** Describes a classified error as the failure of a run. */
export function describeFailure(error: ClassifiedError): Failure {
  const [, status] = STATUS_OF_ERROR.find(([type]) => error instanceof type) ?? [InternalError, "failed:internal"];
  return {
    status,
    errorType: error.name,
    message: error.message,
    retryAfterMs: error instanceof RateLimitError ? usableDelay(error.retryAfterMs) : null,
  };
}

/** A delay that is no number would be a retry that never comes. */
function usableDelay(delayMs: number | null): number | null {
  return delayMs !== null && Number.isFinite(delayMs) && delayMs >= 0 ? Math.ceil(delayMs) : null;
}
