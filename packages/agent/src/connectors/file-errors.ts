/** What an error of the file system says about the call that ended with it. */
import { ClassifiedError, LogicError, NetworkError, PermissionError, type Effect } from "../errors.ts";

const NOT_ALLOWED = new Set(["EACCES", "EPERM", "EROFS"]);
const NOT_SENSIBLE = new Set(["EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EILSEQ", "EINVAL"]);

/** A full disk or a failing one may work again later, like a network; a person must allow what is not allowed. */
export function fileFailure(what: string, error: unknown, effect: Effect): ClassifiedError {
  if (error instanceof ClassifiedError) return error;
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  const code = codeOf(error) ?? "";
  if (NOT_ALLOWED.has(code)) return new PermissionError(message, { cause: error, effect });
  if (NOT_SENSIBLE.has(code)) return new LogicError(message, { cause: error, effect });
  return new NetworkError(message, { cause: error, effect });
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/** The system's name for an error, such as ENOENT. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
