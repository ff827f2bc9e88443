/**
 * The API's published document, as somebody who has nothing else reads it: its operations, and whether a value fits a
 * schema of it. What judges is ajv, which knows nothing of the schemas that the host itself parses by.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { z } from "zod";

export type Schema = Record<string, unknown>;

export interface ApiParameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  required: boolean;
  schema: Schema;
}

export interface ApiOperation {
  id: string;
  /** In capitals. */
  method: string;
  /** With parameters in braces. */
  path: string;
  /** The role that it takes, as its description says; `public` for what anybody may do. */
  access: "public" | "viewer" | "operator" | "publisher";
  security: Record<string, string[]>[];
  parameters: ApiParameter[];
  /** The schema of the body; null where there is none. */
  body: Schema | null;
  /** By status, then by media type. */
  responses: Record<string, Record<string, Schema>>;
}

/** Gives the faults of a value; none when it fits. */
export type Judge = (value: unknown) => string[];

export interface ApiDocument {
  readonly document: Schema;
  readonly operations: ApiOperation[];
  /** @throws Error when no operation has the id */
  operation(id: string): ApiOperation;
  /** Judges by a schema of the document. */
  judge(schema: Schema): Judge;
  /** The schema with all of its references in `$defs` of its own. */
  selfContained(schema: Schema): Schema;
}

const content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const described = z.object({
  operationId: z.string(),
  description: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(["path", "query", "header", "cookie"]),
        required: z.boolean().default(false),
        schema: z.record(z.string(), z.unknown()),
      }),
    )
    .default([]),
  requestBody: z.object({ required: z.literal(true), content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content })),
});
const documentShape = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), described)),
  components: z.looseObject({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

export function readDocument(value: unknown): ApiDocument {
  const document = documentShape.parse(value);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, description]) => operationOf(path, method, description)),
  );
  const ajv = newAjv();
  const definitions = rename(document.components.schemas);
  const selfContained = (schema: Schema): Schema => ({ ...rename(schema), $defs: definitions });
  const judges = new Map<Schema, Judge>();
  return {
    document,
    operations,
    operation(id) {
      const found = operations.find((operation) => operation.id === id);
      if (found === undefined) throw new Error(`The document has no operation "${id}".`);
      return found;
    },
    selfContained,
    judge(schema) {
      const known = judges.get(schema) ?? judgeBy(ajv, selfContained(schema));
      judges.set(schema, known);
      return known;
    },
  };
}

function operationOf(path: string, method: string, description: z.infer<typeof described>): ApiOperation {
  const { operationId: id, security, parameters, requestBody, responses } = description;
  const [body = null] = Object.values(requestBody?.content ?? {}).map(({ schema }) => schema);
  return {
    id,
    method: method.toUpperCase(),
    path,
    access: accessOf(description),
    security,
    parameters,
    body,
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { content: types }]) => [
        status,
        Object.fromEntries(Object.entries(types).map(([type, { schema }]) => [type, schema])),
      ]),
    ),
  };
}

function accessOf({ operationId, description }: z.infer<typeof described>): ApiOperation["access"] {
  if (description === "Anybody may do this.") return "public";
  const [, role] = /^This takes the role `(viewer|operator|publisher)`\.$/.exec(description) ?? [];
  if (role === undefined) throw new Error(`${operationId} does not say whom it lets in: ${description}`);
  // The expression allows no other.
  return role as ApiOperation["access"];
}

/** References as they are within a schema that stands for itself. */
function rename<Value>(value: Value): Value {
  const text = JSON.stringify(value).replaceAll("#/components/schemas/", "#/$defs/");
  return JSON.parse(text) as Value;
}

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  // The package is a CommonJS module whose default export is also its module.
  addFormats.default(ajv);
  return ajv;
}

function judgeBy(ajv: Ajv2020, schema: Schema): Judge {
  const validate = ajv.compile(schema);
  return (value) => {
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message = "" }) => `${instancePath || "/"} ${message}`);
  };
}
