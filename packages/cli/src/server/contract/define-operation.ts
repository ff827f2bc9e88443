/** Writes down an operation of the API with what is usual left out. */
import { z } from "zod";
import type { OperationDescription } from "./operation.ts";

const nothing = z.strictObject({});
const noBody = z.undefined();

type Nothing = typeof nothing;
type NoBody = typeof noBody;

/** Describes an operation. Without schemas it takes no parameters, no query and no body. */
export function defineOperation<
  Response extends z.ZodType,
  Path extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = NoBody,
>(
  operation: Pick<OperationDescription, "id" | "method" | "path" | "tag" | "summary" | "access"> &
    Partial<Pick<OperationDescription, "audit" | "status" | "otherStatus" | "produces" | "headers" | "accepts">> & {
      params?: Path;
      query?: Query;
      body?: Body;
      response: Response;
    },
): OperationDescription<Path, Query, Body, Response> {
  return {
    audit: null,
    status: 200,
    produces: "application/json",
    ...operation,
    // A type parameter that nothing was given for is the default, which this is.
    params: operation.params ?? (nothing as unknown as Path),
    query: operation.query ?? (nothing as unknown as Query),
    body: operation.body ?? (noBody as unknown as Body),
  };
}
