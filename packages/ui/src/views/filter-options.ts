/** What the filters of lists offer. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { FilterOption } from "../components/filter-bar.tsx";
import { itemsOf } from "../services/pages.ts";
import { workflowsQuery } from "../services/workflows.ts";

/** The workflows by name. */
export function useWorkflowOptions(): FilterOption[] {
  const workflows = useInfiniteQuery(workflowsQuery());
  return itemsOf(workflows.data).map(({ name }) => ({ value: name, label: name }));
}

/**
 * The words that a list has shown since the page was opened: nothing else knows, for example, all sources. A filter by
 * one of them doesn't take the others away.
 */
export function useSeenOptions(shown: readonly string[]): FilterOption[] {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  if (shown.some((word) => !seen.has(word))) setSeen(new Set([...seen, ...shown]));
  return [...seen].toSorted().map((word) => ({ value: word, label: word }));
}

/** Whether any filter is set. */
export function isFiltered(filters: Readonly<Record<string, string | undefined>>): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}
