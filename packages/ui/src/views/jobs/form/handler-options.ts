/** What jobs can run, as the options of a select. An option's value is the JSON of what the host is asked for. */
import type { JobHandlers } from "../../../services/jobs.ts";

export interface HandlerGroup {
  group: string;
  items: { value: string; label: string }[];
}

/** The handlers that are here, and the chosen one where it is not among them (its code may run in another process). */
export function handlerGroups({ functions, workflows }: JobHandlers, chosen: string): HandlerGroup[] {
  const groups: HandlerGroup[] = [
    { group: "Functions", items: functions.map((name) => ({ value: JSON.stringify(name), label: name })) },
    {
      group: "Producers of workflows",
      items: workflows.flatMap(({ name: workflow, producers }) =>
        producers.map((producer) => ({
          value: JSON.stringify({ workflow, producer }),
          label: `${workflow}: run ${producer}`,
        })),
      ),
    },
    {
      group: "Topics of workflows",
      items: workflows.flatMap(({ name: workflow, topics }) =>
        topics.map((topic) => ({
          value: JSON.stringify({ workflow, topic }),
          label: `${workflow}: publish to ${topic}`,
        })),
      ),
    },
  ].filter(({ items }) => items.length > 0);
  const isKnown = groups.some(({ items }) => items.some(({ value }) => value === chosen));
  if (chosen === "" || isKnown) return groups;
  return [...groups, { group: "Not in this process", items: [{ value: chosen, label: labelOf(chosen) }] }];
}

/** The agent that a draft names; null where it names none. */
export function agentOf(handler: string): string | null {
  if (handler === "") return null;
  const parsed: unknown = JSON.parse(handler);
  return typeof parsed === "object" && parsed !== null && "agent" in parsed ? String(parsed.agent) : null;
}

function labelOf(handler: string): string {
  const parsed: unknown = JSON.parse(handler);
  return typeof parsed === "string" ? parsed : Object.values(parsed ?? {}).join(": ");
}
