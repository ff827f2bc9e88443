/**
 * What an operation of the HTTP API is: its address, who may use it, and the schemas of what goes in and comes out.
 * Routing, the OpenAPI document, the checks of access and the audit all follow from these descriptions alone.
 *
 * Invariants:
 * 1. An operation that names no access can't be written down; `public` has to be said.
 * 2. Whatever a caller sends is parsed by the operation's schemas, and whatever it gets back as well.
 * 3. A person's action has an audit name; what only looks has none.
 */
import type { z } from "zod";

/** What a credential must at least be good for. `operator` includes `viewer`; `publisher` may only publish. */
export type Access = "public" | "viewer" | "operator" | "publisher";

export type Method = "get" | "post" | "patch" | "put" | "delete";

export interface OperationDescription<
  Path extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  /** Unique; the OpenAPI `operationId`. */
  id: string;
  method: Method;
  /** With parameters in braces. */
  path: string;
  tag: string;
  summary: string;
  access: Access;
  /** How a person's action is called in the audit, for example `mutation.resolve`; null for what changes nothing. */
  audit: string | null;
  params: Path;
  query: Query;
  /** The JSON body; `z.undefined()` where there is none. */
  body: Body;
  response: Response;
  /** The status of success. */
  status: 200 | 201 | 202;
  /** Another status of success, for what was there already. */
  otherStatus?: 200;
  /** The media type of the response. */
  produces: "application/json" | "text/event-stream" | "text/plain";
  /** The headers that it looks at. */
  headers?: z.ZodObject;
  /** The media types of the body. Default: JSON alone. */
  accepts?: readonly string[];
}

/** Any operation, for what treats all of them alike. */
export type AnyOperation = OperationDescription;

/** What an implementation gets: parsed by the operation's schemas. */
export interface OperationInput<Operation extends AnyOperation> {
  params: z.output<Operation["params"]>;
  query: z.output<Operation["query"]>;
  body: z.output<Operation["body"]>;
}

/** What an implementation gives back; parsed by the response's schema before it is sent. */
export type OperationOutput<Operation extends AnyOperation> = z.input<Operation["response"]>;
