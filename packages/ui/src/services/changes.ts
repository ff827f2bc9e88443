/** Which resources a change that the host tells of concerns, and gathering changes until they are shown. */
import type { Schema } from "./api.ts";
import { type Resource, RESOURCES } from "./query-keys.ts";

const flow: readonly Resource[] = ["overview", "workflows", "inputs", "outputs", "runs", "events", "attention"];
const jobs: readonly Resource[] = ["overview", "jobs", "executions", "dead-letters", "attention"];

/** By the change's kind: what shows it. */
const concerned: Record<Schema<"Change">["kind"], readonly Resource[]> = {
  workflow: flow,
  run: flow,
  output: flow,
  event: ["events", "workflows", "inputs", "runs"],
  input: ["inputs", "workflows", "overview"],
  notification: ["attention", "overview", "workflows", "jobs"],
  job: jobs,
  execution: jobs,
};

const byKind: ReadonlyMap<string, readonly Resource[]> = new Map(Object.entries(concerned));

/** The resources that a change concerns; all of them for a kind that this version of the dashboard doesn't know. */
export function resourcesOf(kind: string): readonly Resource[] {
  return byKind.get(kind) ?? RESOURCES;
}

/** The kind of a change as the host sends it: JSON text of an object with a `kind`. Null for anything else. */
export function kindOf(data: string): string | null {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== "object" || parsed === null || !("kind" in parsed)) return null;
    return typeof parsed.kind === "string" ? parsed.kind : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
