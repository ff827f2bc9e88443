/** Lists that come in pages: one query that grows with "Show more". */
import { type InfiniteData, infiniteQueryOptions } from "@tanstack/react-query";

/** A part of a list, as every list of the API gives it. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
  /** Whether a search of text ended before the end of the list. */
  partial?: boolean;
}

/** The options of a query over a list; `fetchPage` gets the cursor as a part of the query string. */
export function pagedQuery<Item>(
  key: readonly unknown[],
  fetchPage: (cursor: { cursor?: string }, signal: AbortSignal) => Promise<Page<Item>>,
) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam === null ? {} : { cursor: pageParam }, signal),
    initialPageParam: null as string | null, // The type of the cursors that follow.
    getNextPageParam: (last: Page<Item>) => last.nextCursor,
  });
}

/** All items that were fetched so far, in order. An item that moved to the next page meanwhile is there once. */
export function itemsOf<Item extends { id: string }>(data: InfiniteData<Page<Item>> | undefined): Item[] {
  const items = new Map<string, Item>();
  for (const page of data?.pages ?? []) {
    for (const item of page.items) if (!items.has(item.id)) items.set(item.id, item);
  }
  return [...items.values()];
}
