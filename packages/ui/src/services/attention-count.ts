/** How many things need a person: shown on every page, so apart from the list of them. */
import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./api.ts";
import { queryKey } from "./query-keys.ts";

export const attentionCountQuery = queryOptions({
  queryKey: queryKey("attention", "count"),
  queryFn: ({ signal }) => take(api.GET("/api/attention/count", { signal })),
});
