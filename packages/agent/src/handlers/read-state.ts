/** Gives a handler the state that it left, checked by its schema where it has one. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { parseWithSchema } from "../workflow/parse-with-schema.ts";
import type { RunScope } from "./run-scope.ts";

/** `undefined` before the handler has left a state. @throws SchemaError */
export async function readState({ run }: RunScope, schema: StandardSchemaV1 | undefined): Promise<unknown> {
  const { inputState } = run;
  if (inputState === null) return undefined;
  return schema ? parseWithSchema(schema, inputState, `The stored state of ${run.handlerName}`) : inputState;
}
