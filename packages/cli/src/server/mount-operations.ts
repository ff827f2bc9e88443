/**
 * Serves operations: what is done with each request, in this order.
 *
 * Invariants:
 * 1. Whoever may not use an operation learns nothing from it: access is checked before anything of the request is read.
 * 2. An implementation gets only what its operation's schemas let through, and so does the caller.
 * 3. A person's action is in the audit before it is done.
 */
import { InternalError, redactText, redactValue, type AuditTrail } from "@millrace/agent";
import { DEFAULT_PLATFORM_ID, type JsonValue } from "@millrace/db";
import type { Context, Hono } from "hono";
import type { Logger } from "pino";
import { z } from "zod";
import type { Authenticator, Identity } from "./authentication/authenticator.ts";
import { hasCsrfToken } from "./authentication/dashboard-sessions.ts";
import type { Principal } from "./authentication/principal.ts";
import { mayUse } from "./authentication/roles.ts";
import type { AnyOperation, OperationInput } from "./contract/operation.ts";
import { isFromOwnPage } from "./http/allow-list.ts";
import { readMediaType } from "./http/media-type.ts";
import { parseInput, readQuery } from "./http/parse-input.ts";
import { parseJson } from "./http/parse-json.ts";
import { readBody } from "./http/read-body.ts";
import type { Exchange, Implementation, RequestContext } from "./implementation.ts";
import { logFailure } from "./log-failure.ts";
import { isOurs, problemResponse, RefusedError } from "./problem.ts";
import type { HostEnvironment } from "./request-environment.ts";

export interface MountOptions {
  authenticator: Authenticator;
  context: Omit<RequestContext, "principal">;
  audit: AuditTrail;
  logger: Logger;
  /** No body is larger. */
  bodyBytes: number;
  /** Values that no response may hold. */
  secrets: readonly string[];
}

/** Whom a public operation is done for. */
const ANYBODY: Principal = {
  name: "anybody",
  role: "publisher",
  platformId: DEFAULT_PLATFORM_ID,
  channel: "api",
};

export function mountOperations(
  app: Hono<HostEnvironment>,
  implementations: readonly Implementation[],
  options: MountOptions,
): void {
  const methodsOf = new Map<string, string[]>();
  for (const implementation of implementations.toSorted(bySpecificity)) {
    const { method, path } = implementation.operation;
    const address = path.replaceAll(/\{(\w+)\}/g, ":$1");
    methodsOf.set(address, [...(methodsOf.get(address) ?? []), method.toUpperCase()]);
    app.on(method.toUpperCase(), address, (c) => answer(c, implementation, options));
  }
  for (const [address, methods] of methodsOf) {
    app.all(address, () => {
      const allowed = methods.join(", ");
      throw new RefusedError("method-not-allowed", `Here can be done: ${allowed}.`, { headers: { Allow: allowed } });
    });
  }
}

/** `/api/outputs/resolution` is not the output named "resolution". */
function bySpecificity(a: Implementation, b: Implementation): number {
  const key = ({ operation }: Implementation) => operation.path.replaceAll("{", "~{");
  return key(a) < key(b) ? -1 : 1;
}

async function answer(c: Context<HostEnvironment>, implementation: Implementation, options: MountOptions) {
  const { operation } = implementation;
  const startedAt = performance.now();
  const response = await answerOrRefuse(c, implementation, options);
  options.context.statistics.record(operation.id, response.status, performance.now() - startedAt);
  return response;
}

async function answerOrRefuse(
  c: Context<HostEnvironment>,
  implementation: Implementation,
  options: MountOptions,
): Promise<Response> {
  const { requestId, remoteAddress } = c.var;
  const { operation } = implementation;
  try {
    const request = c.req.raw;
    const identity = await authorise(operation, request, remoteAddress, options.authenticator);
    const exchange: Exchange = {
      requestId,
      remoteAddress,
      identity,
      request,
      headers: readHeaders(operation, request),
      rawBody: new Uint8Array(),
      response: { headers: new Headers(), status: operation.status },
    };
    const input = await readInput(c, implementation, exchange, options.bodyBytes);
    const output = await perform(implementation, input, exchange, options);
    return respond(implementation, output, exchange, options.secrets);
  } catch (error) {
    if (isOurs(error)) {
      logFailure(options.logger, error, { request: requestId, operation: operation.id }, "A request failed");
    }
    return problemResponse(error, requestId);
  }
}

/** Who may go on; null for a public operation. @throws RefusedError */
async function authorise(
  { access, method }: AnyOperation,
  request: Request,
  remoteAddress: string,
  authenticator: Authenticator,
): Promise<Identity | null> {
  if (access === "public") return null;
  const identity = await requireIdentity(request, remoteAddress, authenticator);
  if (!mayUse(identity.principal.role, access)) {
    throw new RefusedError("forbidden", `This takes the role "${access}"; yours is "${identity.principal.role}".`);
  }
  const { session } = identity;
  if (session !== null && method !== "get" && !(isFromOwnPage(request) && hasCsrfToken(request, session))) {
    throw new RefusedError(
      "forbidden",
      "A session's request needs its X-CSRF-Token, and comes from the host's own page.",
    );
  }
  return identity;
}

/** @throws RefusedError for a request without a credential, or with one that is not good */
export async function requireIdentity(
  request: Request,
  remoteAddress: string,
  authenticator: Authenticator,
): Promise<Identity> {
  const identity = await authenticator.identify(request, remoteAddress);
  if (identity !== null) return identity;
  throw new RefusedError("unauthenticated", "Send an access token, or log in.");
}

function readHeaders({ headers }: AnyOperation, request: Request): Exchange["headers"] {
  if (headers === undefined) return {};
  const found = Object.keys(headers.shape).map((name) => [name, request.headers.get(name) ?? undefined]);
  // The schema is an object of header values, which are text.
  return parseInput(headers, Object.fromEntries(found), "headers", "malformed-request") as Exchange["headers"];
}

async function readInput(
  c: Context<HostEnvironment>,
  { operation, guard }: Implementation,
  exchange: Exchange,
  bodyBytes: number,
): Promise<OperationInput<AnyOperation>> {
  const { request } = exchange;
  const params = parseInput(operation.params, c.req.param(), "path", "malformed-request");
  const query = parseInput(operation.query, readQuery(request.url), "query", "malformed-request");
  const hasBody = !(operation.body instanceof z.ZodUndefined);
  if (hasBody) {
    readMediaType(request, operation.accepts ?? ["application/json"]);
    exchange.rawBody = await readBody(request, bodyBytes);
  } else {
    assertNoBody(request);
  }
  await guard?.(params, exchange);
  const body = hasBody ? parseInput(operation.body, parseJson(exchange.rawBody), "body", "invalid") : undefined;
  return { params, query, body };
}

function assertNoBody({ headers }: Request): void {
  if (Number(headers.get("content-length") ?? 0) === 0 && !headers.has("transfer-encoding")) return;
  throw new RefusedError("malformed-request", "This takes no body.", { headers: { Connection: "close" } });
}

function perform(
  { operation, handle }: Implementation,
  input: OperationInput<AnyOperation>,
  exchange: Exchange,
  { context, audit }: MountOptions,
): Promise<unknown> {
  const principal = exchange.identity?.principal ?? ANYBODY;
  const work = () => handle(input, { ...context, principal }, exchange);
  if (operation.audit === null) return work();
  const { platformId, name, channel } = principal;
  const action = { platformId, actor: name, channel, action: operation.audit, ...describeInput(input) };
  return audit.perform(action, work);
}

/** The first part of the address names what it is about; the rest are details. */
function describeInput({ params, query, body }: OperationInput<AnyOperation>) {
  const [first, ...others] = Object.entries(z.record(z.string(), z.unknown()).parse(params));
  const details = {
    ...Object.fromEntries(others),
    ...z.looseObject({}).parse(query),
    ...(body !== undefined && { body }),
  };
  return {
    subject: first ? { type: first[0], id: String(first[1]) } : null,
    details: Object.keys(details).length === 0 ? null : toJson(details),
  };
}

/** What was parsed from JSON and text is JSON again, but for keys without a value. */
const toJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as JsonValue;

function respond(
  { operation, isUnredacted }: Implementation,
  output: unknown,
  { response: { headers, status } }: Exchange,
  secrets: readonly string[],
): Response {
  if (output instanceof Response) {
    for (const [name, value] of headers) output.headers.append(name, value);
    return output;
  }
  const parsed = operation.response.safeParse(output);
  if (!parsed.success) {
    throw new InternalError(`What ${operation.id} gives does not fit its schema: ${z.prettifyError(parsed.error)}`);
  }
  const { data } = parsed;
  if (!headers.has("Content-Type")) headers.set("Content-Type", operation.produces);
  if (operation.produces === "text/plain") {
    return new Response(isUnredacted ? String(data) : redactText(String(data), secrets), { status, headers });
  }
  const json = toJson(data);
  return new Response(JSON.stringify(isUnredacted ? json : redactValue(json, secrets)), { status, headers });
}
