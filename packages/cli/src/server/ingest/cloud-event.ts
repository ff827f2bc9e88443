/**
 * Reads a CloudEvent as the event of a topic. The SDK reads and checks its attributes; the data is taken from the body
 * itself, because the SDK makes strings of numbers and drops what is falsy.
 */
import type { OutsideEvent } from "@millrace/agent";
import type { JsonValue } from "@millrace/db";
import { HTTP, CloudEvent } from "cloudevents";
import { z } from "zod";
import { CLOUD_EVENT } from "../contract/ingest.ts";
import { parseInput } from "../http/parse-input.ts";
import { RefusedError } from "../problem.ts";

/** The SDK makes up an id and a time where they are missing or wrong; here the id makes the event the same one again. */
const identity = z.looseObject({
  specversion: z.literal("1.0", "must be 1.0"),
  id: z.string("is missing").min(1).max(500),
  source: z.string("is missing").min(1).max(500),
  type: z.string("is missing").min(1).max(200),
  time: z.iso.datetime({ offset: true, error: "must be a time with its zone" }).optional(),
});

const structured = z.looseObject({
  data: z.json().optional(),
  data_base64: z.undefined("is not taken: the data of a CloudEvent is JSON here").optional(),
});

/** Whether a request is a CloudEvent: by its media type, or by its headers. */
export function isCloudEvent({ headers }: Request): boolean {
  return isStructured(headers) || [...headers.keys()].some((name) => name.startsWith("ce-"));
}

/**
 * @param body the body's JSON, cleaned
 * @throws RefusedError
 */
export function readCloudEvent({ headers }: Request, body: JsonValue): OutsideEvent {
  const { data } = isStructured(headers) ? readStructured(body) : readBinary(headers, body);
  const { id, source, type, subject } = isStructured(headers)
    ? parse({ "content-type": CLOUD_EVENT }, body)
    : parse(Object.fromEntries(headers), undefined);
  return {
    // A source and an id are both free text: no separator could keep every two pairs apart.
    messageId: JSON.stringify([source, id]),
    payload: data ?? null,
    input: { source, type, externalId: id, title: subject ?? id },
  };
}

function readStructured(body: JsonValue) {
  parseInput(identity, body, "body", "invalid");
  // The schema gives what it describes.
  return parseInput(structured, body, "body", "invalid") as z.infer<typeof structured>;
}

function readBinary(headers: Headers, data: JsonValue) {
  const attributes = [...headers].filter(([name]) => name.startsWith("ce-"));
  const named = Object.fromEntries(attributes.map(([name, value]) => [name.slice("ce-".length), value]));
  parseInput(identity, named, "headers", "invalid");
  return { data };
}

/** @throws RefusedError */
function parse(headers: Record<string, string>, body: unknown): CloudEvent<unknown> {
  try {
    const event = HTTP.toEvent<unknown>({ headers, body });
    if (Array.isArray(event)) throw new TypeError("it is a batch of several");
    // It checks what it has read only when an event is made anew.
    return new CloudEvent({ ...event }, true);
  } catch (error) {
    // Whatever it throws is about what it was given.
    const message = error instanceof Error ? error.message : String(error);
    throw new RefusedError("invalid", `This is not a CloudEvent: ${message}`);
  }
}

const isStructured = (headers: Headers) => (headers.get("content-type") ?? "").toLowerCase().startsWith(CLOUD_EVENT);
