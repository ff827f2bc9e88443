/** The end of a list that comes in pages: how much is shown, and the next page. */
import "./load-more.css";
import { Button } from "@mantine/core";
import type { InfiniteData } from "@tanstack/react-query";
import { formatCount } from "../format/numbers.ts";
import type { Page } from "../services/pages.ts";
import { ProblemNote } from "./problem-note.tsx";

/** What is needed of an infinite query; TanStack's results have it. */
export interface PagedQueryLike {
  data: InfiniteData<Page<unknown>> | undefined;
  error: unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

export function LoadMore({ query }: { query: PagedQueryLike }) {
  const pages = query.data?.pages ?? [];
  const shown = pages.reduce((count, { items }) => count + items.length, 0);
  const last = pages.at(-1);
  // A search of text looks at a part of a long list at a time.
  const searching = last?.partial === true && query.hasNextPage;
  return (
    <div className="row load-more">
      <span className="soft numbers" role="status">
        {searching
          ? `${formatCount(shown)} found so far; the search has not reached the end`
          : `${formatCount(shown)} shown${query.hasNextPage ? "" : ", that is all"}`}
      </span>
      {query.hasNextPage ? (
        <Button
          variant="default"
          size="xs"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {searching ? "Search on" : "Show more"}
        </Button>
      ) : null}
      {query.isFetchNextPageError ? <ProblemNote error={query.error} /> : null}
    </div>
  );
}
