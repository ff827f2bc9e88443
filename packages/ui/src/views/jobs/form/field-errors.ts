/** The host's faults about a job, by the path of the field. */
import { asProblem } from "../../../services/api-problem.ts";
import type { FieldErrors } from "./job-input.ts";

/** `body.misfire.grace` is about the same field as `misfire.grace`; faults of the same field are joined. */
export function fieldErrorsOf(error: unknown): FieldErrors {
  const errors: Record<string, string> = {};
  for (const { path, message } of asProblem(error).faults) {
    const field = path.replace(/^body(\.job)?\.?/, "");
    errors[field] = errors[field] === undefined ? message : `${errors[field]}; ${message}`;
  }
  return errors;
}
