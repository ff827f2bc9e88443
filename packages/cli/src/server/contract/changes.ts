/** The stream of what changes, as server-sent events. */
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { time } from "./values.ts";

const CHANGE_KINDS = ["workflow", "run", "output", "event", "input", "notification", "job", "execution"] as const;

/** What changed; whoever wants to know how it is now asks for it. */
export const change = z
  .object({
    kind: z.enum(CHANGE_KINDS),
    /** Of the thing that changed. */
    id: z.string(),
    /** The workflow's name; null where it has nothing to do with one. */
    workflow: z.string().nullable(),
    /** What it belongs to: an output's run, an event's topic, an execution's job. */
    of: z.string().nullable(),
    /** Its status now, where it has one; `deleted` when it is gone. */
    status: z.string().nullable(),
    at: time,
  })
  .meta({ id: "Change" });

export type Change = z.infer<typeof change>;

export const streamChanges = defineOperation({
  id: "streamChanges",
  method: "get",
  path: "/api/changes",
  tag: "changes",
  summary:
    "What changes, as server-sent events: `ready` once at the beginning, then a message for each change. `reset` says that some were missed, so that all is to be asked for anew",
  access: "viewer",
  headers: z.object({
    "Last-Event-ID": z.string().max(100).optional().meta({ description: "Go on behind this event" }),
  }),
  response: change,
  produces: "text/event-stream",
});

export const CHANGE_OPERATIONS = [streamChanges] as const;
