/** How the host is, as the API gives it. */
import { queryOptions } from "@tanstack/react-query";
import { api, type Schema, take } from "./api.ts";
import { queryKey } from "./query-keys.ts";

export type HostHealth = Schema<"HostHealth">;

const pollMs = 5_000;

/** Its figures change all the time and tell of no change. */
export const healthQuery = queryOptions({
  queryKey: queryKey("health"),
  queryFn: ({ signal }) => take(api.GET("/api/health", { signal })),
  refetchInterval: pollMs,
});
