/** Keeps what was shown without its secrets from being given back as if that were the thing itself. */
import { REDACTED } from "@millrace/agent";
import { RefusedError, type Fault } from "../problem.ts";

/**
 * A person who edits what they were shown sends all of it back. What was left out of it for them would replace the secret.
 * @param value JSON, no deeper than a body may be
 * @param path what it is a part of the request as, for example `body`
 * @throws RefusedError naming each place
 */
export function assertNothingMasked(value: unknown, path: string): void {
  const faults = findMasked(value, path);
  if (faults.length === 0) return;
  throw new RefusedError(
    "invalid",
    `"${REDACTED}" stands for a secret that is not shown. Write the secret itself there: ${faults.map((fault) => fault.path).join(", ")}.`,
    { faults },
  );
}

function findMasked(value: unknown, path: string): Fault[] {
  if (typeof value === "string") {
    return value.includes(REDACTED) ? [{ path, message: "stands for a secret that is not shown" }] : [];
  }
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) => findMasked(item, `${path}.${key}`));
}
