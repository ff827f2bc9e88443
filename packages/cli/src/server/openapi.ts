/** The OpenAPI document, which follows from the operations' descriptions alone. */
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { z } from "zod";
import { SESSION_COOKIE } from "./authentication/authenticator.ts";
import type { AnyOperation } from "./contract/operation.ts";
import { problem, PROBLEMS, type ProblemKind } from "./problem.ts";

export type ApiDocument = ReturnType<typeof createDocument>;

/** Any of these credentials is good; a session's cookie needs its CSRF token with whatever changes something. */
const SECURITY_SCHEMES = {
  accessToken: { type: "http", scheme: "bearer", description: "An access token" },
  session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE, description: "The session of a dashboard" },
  csrfToken: { type: "apiKey", in: "header", name: "X-CSRF-Token", description: "The `csrfToken` of the session" },
} as const;

/** What any operation may answer; a 503 as long as the engine starts or stops. */
const USUAL_PROBLEMS: readonly ProblemKind[] = [
  "malformed-request",
  "forbidden",
  "not-found",
  "request-timeout",
  "misdirected-request",
  "internal",
  "upstream-failed",
  "unavailable",
];

export function createApiDocument(operations: readonly AnyOperation[], version: string): ApiDocument {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  // A custom schema says nothing of itself but that it takes JSON.
  return createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Millrace",
        version,
        description: "What came in, what was done about it, and what waits for a person.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/" }],
      tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
      paths,
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    { allowEmptySchema: { custom: true } },
  );
}

function describe(operation: AnyOperation): ZodOpenApiOperationObject {
  const { id, tag, summary, access, method } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: access === "public" ? "Anybody may do this." : `This takes the role \`${access}\`.`,
    security: access === "public" ? [] : [{ accessToken: [] }, sessionSecurity(method)],
    ...requestOf(operation),
    responses: responsesOf(operation),
  };
}

const sessionSecurity = (method: AnyOperation["method"]): Record<string, string[]> =>
  method === "get" ? { session: [] } : { session: [], csrfToken: [] };

function requestOf({ params, query, headers, body, accepts = ["application/json"] }: AnyOperation) {
  return {
    requestParams: {
      ...(hasParts(params) && { path: params }),
      ...(hasParts(query) && { query }),
      ...(headers && { header: headers }),
    },
    ...(takesBody(body) && {
      requestBody: { required: true, content: Object.fromEntries(accepts.map((type) => [type, { schema: body }])) },
    }),
  };
}

function responsesOf(operation: AnyOperation) {
  const { response, produces, status, otherStatus } = operation;
  const success = { description: "Done", content: { [produces]: { schema: response } } };
  const statuses = otherStatus === undefined ? [status] : [status, otherStatus];
  return {
    ...Object.fromEntries(statuses.map((code) => [String(code), success])),
    ...Object.fromEntries(problemsOf(operation).map(describeProblem)),
  };
}

function problemsOf({ access, body, method, query }: AnyOperation): ProblemKind[] {
  const kinds = [...USUAL_PROBLEMS];
  // A cursor may be one, and none of this list.
  if (method === "get" && hasParts(query)) kinds.push("invalid");
  if (access !== "public" || takesBody(body)) kinds.push("unauthenticated", "too-many-attempts");
  if (takesBody(body)) kinds.push("too-large", "unsupported-media-type", "invalid");
  if (method !== "get") kinds.push("conflict");
  if (method !== "get" && !takesBody(body)) kinds.push("invalid", "too-large");
  return kinds;
}

function describeProblem(kind: ProblemKind) {
  const [status, description] = PROBLEMS[kind];
  return [String(status), { description, content: { "application/problem+json": { schema: problem } } }] as const;
}

const takesBody = (body: z.ZodType) => !(body instanceof z.ZodUndefined);

const hasParts = (schema: z.ZodType): schema is z.ZodObject =>
  schema instanceof z.ZodObject && Object.keys(schema.shape).length > 0;
