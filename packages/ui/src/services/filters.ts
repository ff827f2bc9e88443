/** Filters live in the address: they can be shared, and the way back finds them again. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** The search parameters of an address: words by name. */
export type Search = Record<string, string>;

export type Filters<Key extends string> = Partial<Record<Key, string>>;

/** Reads `?status=failed&text=…`; each parameter counts once, and empty ones are none. */
export function parseSearch(text: string): Search {
  return Object.fromEntries([...new URLSearchParams(text)].filter(([, value]) => value !== ""));
}

/** Writes what `parseSearch` reads, in the order of the names so that equal filters are equal addresses. */
export function stringifySearch(search: Record<string, unknown>): string {
  const words = Object.entries(search)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "")
    .toSorted(([left], [right]) => left.localeCompare(right));
  return words.length === 0 ? "" : `?${new URLSearchParams(words)}`;
}

/**
 * The named parameters of the present address and a function that changes some of them; undefined removes one. Without
 * `push`, a change replaces the address, so that each typed letter isn't a step back.
 */
export function useFilters<const Key extends string>(
  keys: readonly Key[],
): [Filters<Key>, (changes: { [Name in Key]?: string | undefined }, push?: boolean) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (changes: { [Name in Key]?: string | undefined }, push = false) => {
      void navigate({
        to: ".",
        search: (previous: Search) => withChanges(previous, changes),
        replace: !push,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [pick(search, keys), change];
}

export function withChanges(search: Search, changes: Readonly<Record<string, string | undefined>>): Search {
  const next = { ...search };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === "") delete next[key];
    else next[key] = value;
  }
  return next;
}

function pick<Key extends string>(search: Search, keys: readonly Key[]): Filters<Key> {
  const picked: Filters<Key> = {};
  for (const key of keys) {
    const value = search[key];
    if (value !== undefined) picked[key] = value;
  }
  return picked;
}
