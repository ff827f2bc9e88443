/** One query's three other faces, so that a view only writes down the fourth: loading, failed, empty. */
import "./states.css";
import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { EmptyState, type EmptyStateProps } from "./empty-state.tsx";
import { ErrorState } from "./error-state.tsx";
import { ProblemNote } from "./problem-note.tsx";

/** What is needed of a query; TanStack's results have it. */
export interface QueryLike<Data> {
  data: Data | undefined;
  error: unknown;
  isError: boolean;
  refetch: () => unknown;
}

export interface QueryStateProps<Data> {
  query: QueryLike<Data>;
  /** The usual height of what is shown, in pixels: the page must not jump when it comes. */
  height: number;
  /** How many lines the placeholder has; 0 for one block, such as a chart. */
  lines?: number;
  isEmpty?: (data: Data) => boolean;
  empty?: EmptyStateProps;
  children: (data: Data) => ReactNode;
}

export function QueryState<Data>({ query, height, lines = 5, isEmpty, empty, children }: QueryStateProps<Data>) {
  const { data } = query;
  if (data === undefined) {
    if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingState height={height} lines={lines} />;
  }
  return (
    <>
      {query.isError ? <ProblemNote error={query.error} /> : null}
      {isEmpty?.(data) === true ? <EmptyState {...(empty ?? { title: "Nothing here yet" })} /> : children(data)}
    </>
  );
}

export function LoadingState({ height, lines = 5 }: { height: number; lines?: number }) {
  return (
    <div className="loading-state" style={{ minHeight: height }} role="status" aria-label="Loading">
      {lines === 0 ? (
        <Skeleton height={height} />
      ) : (
        Array.from({ length: lines }, (_, line) => (
          <Skeleton key={line} height={18} width={`${92 - ((line * 17) % 40)}%`} />
        ))
      )}
    </div>
  );
}
