/** Runs a Standard Schema, whatever library it is of. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SchemaError } from "../errors.ts";

/** Gives the value as the schema makes it. @throws SchemaError naming each issue with its path */
export async function parseWithSchema<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
  what: string,
): Promise<Output> {
  const result = await validate(schema, value, what);
  if (result.issues === undefined) return result.value;
  throw new SchemaError(what, result.issues.map(describeIssue));
}

/** A schema is the user's code: when it throws instead of naming issues, that is no fault of the engine. */
async function validate<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
  what: string,
): Promise<StandardSchemaV1.Result<Output>> {
  try {
    const checked = schema["~standard"].validate(value);
    return checked instanceof Promise ? await checked : checked;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SchemaError(what, [`the schema failed: ${message}`], { cause: error });
  }
}

function describeIssue({ path = [], message }: StandardSchemaV1.Issue): string {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length > 0 ? `${keys.join(".")}: ${message}` : message;
}
