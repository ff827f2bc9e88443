/** The consumers of a workflow as its configuration has them. Pure. */
import type { HandlerState } from "@millrace/db";
import type { HandlerConfig } from "../workflow/handler-config.ts";

export interface ConsumerDetails {
  name: string;
  subscribes: string[];
  publishes: string[];
  /** Whether it acts on the outside world. */
  mutates: boolean;
  /** Whether a person approves each of its actions. */
  approval: boolean;
  /** When it asked to be woken, in Unix milliseconds; null if it did not. */
  wakeAt: number | null;
}

/** @param states the states of the workflow's handlers */
export function consumersOf({ consumers }: HandlerConfig, states: readonly HandlerState[]): ConsumerDetails[] {
  const wakes = new Map(states.map(({ handlerName, wakeAt }) => [handlerName, wakeAt]));
  return Object.entries(consumers).map(([name, { subscribe, publishes, mutates, approval }]) => ({
    name,
    subscribes: subscribe,
    publishes,
    mutates,
    approval,
    // No wake time is stored as 0.
    wakeAt: wakes.get(name) || null,
  }));
}
