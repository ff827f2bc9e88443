/**
 * Keeps what is shown up to date: listens to the host's changes and asks again for what they concern.
 *
 * Invariants:
 * 1. At most one round of asking each `roundMs`, however many changes arrive.
 * 2. A change that arrives while its query is being fetched is asked for again in the next round: none is missed.
 * 3. After a gap that can't be filled (`reset`, a stream that had to be opened anew) everything is asked for again.
 * 4. A page in the background asks for nothing; it catches up when it is looked at.
 */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { kindOf, resourcesOf } from "./changes.ts";
import { type Resource, RESOURCES } from "./query-keys.ts";

export type LiveState = "connecting" | "live" | "reconnecting";

const address = "/api/changes";
const roundMs = 600;
/** The browser reconnects by itself after a broken connection, but not after the host refused the stream. */
const reopenMs = 4_000;

let state: LiveState = "connecting";
const listeners = new Set<() => void>();

function setState(next: LiveState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

/** How the connection for changes is. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Listens until the returned function is called. */
export function listenToChanges(client: QueryClient): () => void {
  const rounds = startRounds(client);
  let source: EventSource | null = null;
  let reopening: ReturnType<typeof setTimeout> | undefined;

  const open = (missed: boolean) => {
    source = new EventSource(address);
    source.addEventListener("open", () => {
      setState("live");
      if (missed) rounds.note(RESOURCES);
    });
    source.addEventListener("error", () => {
      setState("reconnecting");
      if (source?.readyState !== EventSource.CLOSED) return;
      // It was refused; whether somebody still is signed in, the answer to any question says.
      rounds.note(["attention"]);
      reopening = setTimeout(() => open(true), reopenMs);
    });
    const onChange = ({ data }: MessageEvent<string>) => {
      const kind = kindOf(data);
      rounds.note(kind === null || kind === "reset" ? RESOURCES : resourcesOf(kind));
    };
    source.addEventListener("message", onChange);
    source.addEventListener("change", onChange);
    source.addEventListener("reset", () => rounds.note(RESOURCES));
  };

  open(false);
  return () => {
    clearTimeout(reopening);
    source?.close();
    rounds.stop();
    setState("connecting");
  };
}

function startRounds(client: QueryClient) {
  let noted = new Set<Resource>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ask = () => {
    timer = undefined;
    if (document.hidden) return;
    const concerned = noted;
    noted = new Set();
    void client.invalidateQueries(
      {
        predicate: (query) => {
          // The first part of our keys is the resource; the session's key is in no set.
          const resource = query.queryKey[0] as Resource;
          if (!concerned.has(resource)) return false;
          if (query.state.fetchStatus === "fetching") noted.add(resource);
          return true;
        },
      },
      { cancelRefetch: false },
    );
    if (noted.size > 0) plan();
  };
  const plan = () => {
    timer ??= setTimeout(ask, roundMs);
  };
  const onVisible = () => {
    if (!document.hidden && noted.size > 0) plan();
  };
  document.addEventListener("visibilitychange", onVisible);

  return {
    note(resources: readonly Resource[]) {
      for (const resource of resources) noted.add(resource);
      plan();
    },
    stop() {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}
