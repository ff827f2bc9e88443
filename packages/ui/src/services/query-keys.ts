/**
 * How queries are named. The first part of a key is the resource, so that a change that the host tells of finds the
 * queries that show it: see live.ts.
 */
export const RESOURCES = [
  "overview",
  "attention",
  "workflows",
  "inputs",
  "outputs",
  "runs",
  "events",
  "jobs",
  "executions",
  "dead-letters",
  "audit",
  "health",
] as const;

export type Resource = (typeof RESOURCES)[number];

/** The name of a query, for example `queryKey("runs", "show", id)`. */
export function queryKey(resource: Resource, ...parts: readonly unknown[]): readonly [Resource, ...unknown[]] {
  return [resource, ...parts];
}
