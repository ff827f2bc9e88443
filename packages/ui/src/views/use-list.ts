/** A list in pages. While other filters are fetched, what was shown stays, so that the page does not jump. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { pagedQuery } from "../services/pages.ts";

export function useList<Item>(options: ReturnType<typeof pagedQuery<Item>>) {
  return useInfiniteQuery({ ...options, placeholderData: keepPreviousData });
}

export type List<Item> = ReturnType<typeof useList<Item>>;
