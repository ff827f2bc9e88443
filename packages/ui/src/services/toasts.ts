/** Short confirmations of what was done. Shown and read out by components/toast-region.tsx. */
import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
}

const shownMs = 6_000;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says that something was done. */
export function showToast(text: string): void {
  lastId += 1;
  const id = lastId;
  set([...toasts, { id, text }].slice(-3));
  setTimeout(() => dismissToast(id), shownMs);
}

export function dismissToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
