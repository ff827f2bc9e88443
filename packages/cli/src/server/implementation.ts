/** Pairs an operation of the contract with the code that does it. */
import type { Engine } from "@millrace/agent";
import type { PlatformId, SqliteDatabase } from "@millrace/db";
import type { Access, AnyOperation, OperationInput, OperationOutput } from "./contract/operation.ts";

/** Who asks, as their credential says. */
export interface Principal {
  /** The name that decisions and the audit are recorded under. */
  name: string;
  role: Exclude<Access, "public">;
  /** The platform (tenant) that they belong to: they see nothing of another. */
  platformId: PlatformId;
  channel: "dashboard" | "api";
}

/** What an implementation may use. */
export interface RequestContext {
  principal: Principal;
  engine: Engine;
  database: SqliteDatabase;
}

export type Handler<Operation extends AnyOperation> = (
  input: OperationInput<Operation>,
  context: RequestContext,
) => Promise<OperationOutput<Operation>>;

/** An operation with its code; `Handler` has made sure that they fit. */
export interface Implementation {
  operation: AnyOperation;
  handle: (input: OperationInput<AnyOperation>, context: RequestContext) => Promise<unknown>;
}

/** The compiler checks that the code takes and gives what the operation says. */
export function implement<Operation extends AnyOperation>(
  operation: Operation,
  handler: Handler<Operation>,
): Implementation {
  // What is handed in was parsed by this operation's own schemas.
  return { operation, handle: handler as Implementation["handle"] };
}
