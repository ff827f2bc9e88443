/** Which errors of a request are answers: its caller knows that nothing was done. */
import { MillraceError } from "@millrace/agent";
import {
  CorruptRowError,
  DatabaseFullError,
  IllegalTransitionError,
  NotFoundError,
  TransitionConflictError,
} from "@millrace/db";

/** What the engine refuses as it should, or a disk that takes nothing: the caller knows that nothing was done. */
export function isRefusal(error: unknown): error is Error {
  return (
    error instanceof MillraceError ||
    error instanceof DatabaseFullError ||
    error instanceof CorruptRowError ||
    error instanceof NotFoundError ||
    error instanceof IllegalTransitionError ||
    error instanceof TransitionConflictError
  );
}
