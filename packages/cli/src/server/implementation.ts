/** Pairs an operation of the contract with the code that does it. */
import type { Engine } from "@millrace/agent";
import type { SqliteDatabase, Stores } from "@millrace/db";
import type { Identity } from "./authentication/authenticator.ts";
import type { Principal } from "./authentication/principal.ts";
import type { AnyOperation, OperationInput, OperationOutput } from "./contract/operation.ts";
import type { RequestStatistics } from "./metrics/request-statistics.ts";

export type { Principal };

/** What an implementation may use. */
export interface RequestContext {
  principal: Principal;
  engine: Engine;
  database: SqliteDatabase;
  stores: Stores;
  /** What requests took so far. */
  statistics: RequestStatistics;
}

/** The request and its response, for the few operations that are about more than their input. */
export interface Exchange {
  /** As the log and a problem's `instance` name it. */
  requestId: string;
  remoteAddress: string;
  /** Null where the operation is public. */
  identity: Identity | null;
  request: Request;
  /** The headers that the operation names, by their names in it. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The body as it came. */
  rawBody: Uint8Array;
  response: { headers: Headers; status: number };
}

export type Handler<Operation extends AnyOperation> = (
  input: OperationInput<Operation>,
  context: RequestContext,
  exchange: Exchange,
) => Promise<OperationOutput<Operation>>;

/** Looks at a request before its body is parsed. @throws what refuses it */
export type Guard = (params: unknown, exchange: Exchange) => Promise<void>;

export interface ImplementationOptions {
  guard?: Guard;
  /** Sends the response as it is, for one that is about a secret or that only looks as if. */
  isUnredacted?: boolean;
}

/** An operation with its code; `Handler` has made sure that they fit. */
export interface Implementation extends ImplementationOptions {
  operation: AnyOperation;
  handle: (input: OperationInput<AnyOperation>, context: RequestContext, exchange: Exchange) => Promise<unknown>;
}

/** The compiler checks that the code takes and gives what the operation says. */
export function implement<Operation extends AnyOperation>(
  operation: Operation,
  handler: Handler<Operation>,
  options: ImplementationOptions = {},
): Implementation {
  return { operation, handle: handler, ...options };
}

/** For an operation whose response is a stream, which no schema can parse. */
export function implementStream(
  operation: AnyOperation,
  handle: (exchange: Exchange) => Promise<Response>,
): Implementation {
  return { operation, handle: (_input, _context, exchange) => handle(exchange) };
}
