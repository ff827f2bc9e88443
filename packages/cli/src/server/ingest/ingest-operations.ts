/** Events from outside: published by programs, or delivered as webhooks. */
import {
  EngineStoppedError,
  LogicError,
  SchemaError,
  UnknownNameError,
  type Engine,
  type OutsideEvent,
} from "@millrace/agent";
import { DEFAULT_PLATFORM_ID, type JsonValue, type PlatformId, type PublishResult } from "@millrace/db";
import type { Webhook } from "standardwebhooks";
import { z } from "zod";
import type { FailedAttempts } from "../authentication/failed-attempts.ts";
import { publishEvent, receiveWebhook } from "../contract/ingest.ts";
import { implement, type Exchange, type Implementation } from "../implementation.ts";
import { RefusedError } from "../problem.ts";
import { isCloudEvent, readCloudEvent } from "./cloud-event.ts";
import type { WebhookDeliveries } from "./webhook-deliveries.ts";
import type { WebhookSource } from "./webhook-sources.ts";

export interface IngestOptions {
  engine: Engine;
  sources: ReadonlyMap<string, WebhookSource>;
  deliveries: WebhookDeliveries;
  attempts: FailedAttempts;
}

export function ingestOperations(options: IngestOptions): Implementation[] {
  const { engine, sources, deliveries, attempts } = options;
  return [
    implement(publishEvent, async ({ params, body }, { principal }, exchange) => {
      const event = isCloudEvent(exchange.request)
        ? readCloudEvent(exchange.request, body)
        : plainEvent(exchange, body);
      return publish(engine, principal.platformId, params, event, exchange);
    }),
    implement(
      receiveWebhook,
      async ({ params, body }, _context, exchange) => {
        const id = headerOf(exchange, "webhook-id");
        // What is signed is the number, however it is written.
        const timestamp = Number(headerOf(exchange, "webhook-timestamp"));
        const delivery = [params.source, id, timestamp] as const;
        const input = { source: params.source, type: params.topic, externalId: id, title: id };
        const event = { messageId: JSON.stringify([params.source, id]), payload: body, input, keepsPending: true };
        return deliveries.once(delivery, () => publish(engine, DEFAULT_PLATFORM_ID, params, event, exchange));
      },
      { guard: (params, exchange) => verify(delivered.parse(params), exchange, sources, attempts) },
    ),
  ];
}

const delivered = z.object({ source: z.string(), workflow: z.string(), topic: z.string() });

function plainEvent(exchange: Exchange, payload: JsonValue): OutsideEvent {
  return { messageId: headerOf(exchange, "Idempotency-Key"), payload };
}

function headerOf({ headers }: Exchange, name: string): string {
  const value = headers[name];
  if (value !== undefined) return value;
  throw new RefusedError("malformed-request", `The header ${name} is missing: it says which event this is.`, {
    faults: [{ path: `headers.${name}`, message: "is missing" }],
  });
}

/** Resolves when the event is on disk. */
async function publish(
  engine: Engine,
  platformId: PlatformId,
  { workflow, topic }: { workflow: string; topic: string },
  event: OutsideEvent,
  { response }: Exchange,
): Promise<PublishResult> {
  // An engine runs the workflows of the default platform; others see none of them.
  if (platformId !== DEFAULT_PLATFORM_ID) throw new UnknownNameError("workflow", workflow);
  // As long as it starts it does not know all of its workflows: who publishes comes back.
  if (!engine.isRunning) throw new EngineStoppedError();
  try {
    const result = await engine.publish(workflow, topic, event);
    response.status = result.outcome === "created" ? 201 : 200;
    return result;
  } catch (error) {
    // The engine says so of a topic that there is none of.
    if (error instanceof LogicError && !(error instanceof SchemaError))
      throw new RefusedError("not-found", error.message);
    throw error;
  }
}

/** @throws RefusedError unless a known source has signed what came, just now */
async function verify(
  { source: name, workflow, topic }: z.infer<typeof delivered>,
  exchange: Exchange,
  sources: ReadonlyMap<string, WebhookSource>,
  attempts: FailedAttempts,
): Promise<void> {
  await attempts.assertMayTry(exchange.remoteAddress);
  const source = sources.get(name);
  const headers = {
    "webhook-id": headerOf(exchange, "webhook-id"),
    "webhook-timestamp": headerOf(exchange, "webhook-timestamp"),
    "webhook-signature": headerOf(exchange, "webhook-signature"),
  };
  if (!source?.verifiers.some((verifier) => isSigned(verifier, exchange.rawBody, headers))) {
    await attempts.count(exchange.remoteAddress);
    // Whether there is such a source is for those to know who can sign for it.
    throw new RefusedError(
      "unauthenticated",
      "This is not signed by a known source, or its time is more than 5 minutes off.",
    );
  }
  const isAllowed = (source.workflow ?? workflow) === workflow && (source.topics?.includes(topic) ?? true);
  if (!isAllowed) throw new RefusedError("forbidden", `Webhooks from "${name}" may not publish there.`);
}

function isSigned(verifier: Webhook, body: Uint8Array, headers: Record<string, string>): boolean {
  try {
    verifier.verify(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body), headers, {
      jsonParse: false,
    });
    return true;
  } catch {
    // Whatever it throws says that it is not.
    return false;
  }
}
