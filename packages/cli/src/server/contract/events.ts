/** Topics and their events. */
import { EVENT_STATUSES } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { eventSummary, inputSummary, runSummary } from "./shapes.ts";
import { id, json, name, pageQuery, searchPage, spanQuery, text } from "./values.ts";

const tag = "events";

export const listTopics = defineOperation({
  id: "listTopics",
  method: "get",
  path: "/api/workflows/{workflow}/topics",
  tag,
  summary: "The topics of a workflow with what waits in each",
  access: "viewer",
  params: z.strictObject({ workflow: name }),
  response: z.object({
    items: z.array(
      z.object({
        name: z.string(),
        pending: z.int(),
        /** The handlers that publish to it and those that subscribe to it. */
        publishers: z.array(z.string()),
        subscribers: z.array(z.string()),
      }),
    ),
  }),
});

export const listEvents = defineOperation({
  id: "listEvents",
  method: "get",
  path: "/api/events",
  tag,
  summary: "Events, newest first",
  access: "viewer",
  query: z
    .strictObject({
      ...pageQuery,
      ...spanQuery,
      workflow: name.optional(),
      topic: name.optional(),
      status: z.enum(EVENT_STATUSES).optional(),
      text: text.optional(),
    })
    .refine(({ topic, workflow }) => topic === undefined || workflow !== undefined, {
      path: ["workflow"],
      message: "is needed with `topic`",
    }),
  response: searchPage(eventSummary),
});

export const showEvent = defineOperation({
  id: "showEvent",
  method: "get",
  path: "/api/events/{event}",
  tag,
  summary: "An event with its payload, where it comes from and who handled it",
  access: "viewer",
  params: z.strictObject({ event: id }),
  response: z
    .object({
      event: eventSummary.extend({ payload: json }),
      inputs: z.array(inputSummary),
      publishedBy: runSummary.nullable(),
      reservedBy: z.array(runSummary),
    })
    .meta({ id: "EventDetails" }),
});

export const EVENT_OPERATIONS = [listTopics, listEvents, showEvent] as const;
