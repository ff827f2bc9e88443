/** Runs a Standard Schema, whatever library it is of. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SchemaError } from "../errors.ts";

/** Gives the value as the schema makes it. @throws SchemaError naming each issue with its path */
export async function parseWithSchema<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
  what: string,
): Promise<Output> {
  const checked = schema["~standard"].validate(value);
  const result = checked instanceof Promise ? await checked : checked;
  if (result.issues === undefined) return result.value;
  throw new SchemaError(what, result.issues.map(describeIssue));
}

function describeIssue({ path = [], message }: StandardSchemaV1.Issue): string {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length > 0 ? `${keys.join(".")}: ${message}` : message;
}
