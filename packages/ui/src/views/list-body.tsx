/** The rows of a list with its loading, error and empty faces, and the way to more of them. */
import type { ReactNode } from "react";
import { EmptyState, type EmptyStateProps } from "../components/empty-state.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { QueryState } from "../components/query-state.tsx";
import { itemsOf } from "../services/pages.ts";
import type { List } from "./use-list.ts";

export interface ListBodyProps<Item> {
  list: List<Item>;
  /** Whether anything is filtered by: then an empty list says so. */
  isFiltered: boolean;
  /** What stands there while there is nothing at all. */
  empty: EmptyStateProps;
  children: (items: Item[]) => ReactNode;
}

const usualHeight = 420;

export function ListBody<Item extends { id: string }>({ list, isFiltered, empty, children }: ListBodyProps<Item>) {
  return (
    <QueryState query={list} height={usualHeight} lines={8}>
      {(data) => {
        const items = itemsOf(data);
        return (
          <div aria-busy={list.isPlaceholderData} style={list.isPlaceholderData ? { opacity: 0.6 } : {}}>
            {items.length > 0 ? (
              children(items)
            ) : (
              <EmptyState
                {...(isFiltered
                  ? { title: "Nothing matches", children: "Change the filters, or clear them to see everything." }
                  : empty)}
              />
            )}
            {items.length > 0 || list.hasNextPage ? <LoadMore query={list} /> : null}
          </div>
        );
      }}
    </QueryState>
  );
}
