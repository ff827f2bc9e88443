/** How events come in from outside. They are acknowledged once they are on disk. */
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { id, json, name } from "./values.ts";

const tag = "ingest";
const topic = { workflow: name, topic: name };

const published = z
  .object({
    /** Of the event. */
    id,
    /** `replaced`: it had not been selected yet, and has the new payload; `unchanged`: it was known. */
    outcome: z.enum(["created", "replaced", "unchanged"]),
  })
  .meta({ id: "Published" });

export const CLOUD_EVENT = "application/cloudevents+json";

export const publishEvent = defineOperation({
  id: "publishEvent",
  method: "post",
  path: "/api/topics/{workflow}/{topic}",
  tag,
  summary:
    "Publish an event: its payload as JSON with an Idempotency-Key, or a CloudEvent in structured or binary mode. The same event again is no second one",
  access: "publisher",
  params: z.strictObject(topic),
  headers: z.object({
    "Idempotency-Key": z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: "The event's identity in the topic; needed unless it is a CloudEvent" }),
  }),
  body: json,
  accepts: ["application/json", CLOUD_EVENT],
  response: published,
  status: 201,
  otherStatus: 200,
});

export const receiveWebhook = defineOperation({
  id: "receiveWebhook",
  method: "post",
  path: "/api/webhooks/{source}/{workflow}/{topic}",
  tag,
  summary: "Publish what a source delivers, signed by the rules of Standard Webhooks; a known id changes nothing",
  // The signature says who it is.
  access: "public",
  params: z.strictObject({ source: name, ...topic }),
  headers: z.object({
    "webhook-id": z.string().min(1).max(256),
    "webhook-timestamp": z.string().regex(/^\d{1,12}$/, "must be Unix seconds"),
    "webhook-signature": z.string().min(1).max(4_000),
  }),
  body: json,
  response: published,
  status: 201,
  otherStatus: 200,
});

export const INGEST_OPERATIONS = [publishEvent, receiveWebhook] as const;
