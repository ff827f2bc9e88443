/**
 * What a draft asks the host for. The host checks it; here only what can't be sent at all is a fault: text that is no
 * JSON. A field that is empty is left out, so that the host's default holds.
 */
import { fromLocalField } from "../../../format/times.ts";
import type { JobInput } from "../../../services/jobs.ts";
import type { JobDraft } from "./job-draft.ts";
import { parseJsonText } from "./json-text.ts";

/** Faults by the path of the field, as the host writes paths. */
export type FieldErrors = Readonly<Record<string, string>>;

/** The whole job, and what can't be sent of it. */
export function inputOf(draft: JobDraft): { input: JobInput; errors: FieldErrors } {
  const payload = parseJsonText(draft.payload);
  const metadata = parseJsonText(draft.metadata);
  const input = {
    type: draft.type,
    name: draft.name.trim(),
    description: textOf(draft.description),
    key: textOf(draft.key),
    handler: jsonOf(draft.handler),
    payload: "value" in payload ? payload.value : undefined,
    tags: draft.tags,
    ...scheduleInput(draft),
    ...behaviourInput(draft),
    metadata: "value" in metadata ? metadata.value : undefined,
  };
  const errors = {
    ...("fault" in payload && { payload: payload.fault }),
    ...("fault" in metadata && { metadata: metadata.fault }),
  };
  return { input: withoutUndefined(input), errors };
}

/** The parts that say when it runs, with stand-ins for the others: for a preview before they are filled in. */
export function previewInput(draft: JobDraft): JobInput {
  return withoutUndefined({ type: draft.type, name: "preview", handler: "preview", ...scheduleInput(draft) });
}

/** What an edit changes; null takes a part away. */
export function changesBetween(before: JobInput, after: JobInput): JobInput {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes: Record<string, unknown> = {};
  for (const field of fields) {
    if (JSON.stringify(before[field]) !== JSON.stringify(after[field])) changes[field] = after[field] ?? null;
  }
  return changes;
}

function scheduleInput(draft: JobDraft): Record<string, unknown> {
  const zoned = {
    cron: draft.cron.trim(),
    timezone: textOf(draft.timezone),
    dst: { gap: draft.gap, overlap: draft.repeated },
  };
  switch (draft.type) {
    case "cron":
      return zoned;
    case "event":
      return { event: draft.event.trim() };
    case "one_time":
      return draft.when === "now" ? {} : draft.when === "in" ? { in: draft.in.trim() } : { at: timeOf(draft.at) ?? "" };
    case "recurring": {
      const bounds = {
        startsAt: timeOf(draft.startsAt),
        endsAt: timeOf(draft.endsAt),
        maxRuns: numberOf(draft.maxRuns),
      };
      return draft.recurs === "cron"
        ? { ...zoned, ...bounds }
        : { interval: draft.interval.trim(), mode: draft.mode, ...bounds };
    }
  }
}

function behaviourInput(draft: JobDraft): Record<string, unknown> {
  return {
    maxRetries: numberOf(draft.maxRetries),
    retryDelay: textOf(draft.retryDelay),
    timeout: textOf(draft.timeout),
    priority: numberOf(draft.priority),
    delivery: textOf(draft.delivery),
    overlap: textOf(draft.overlap),
    misfire: withoutUndefined({
      policy: textOf(draft.misfirePolicy),
      grace: textOf(draft.misfireGrace),
      window: textOf(draft.misfireWindow),
      limit: numberOf(draft.misfireLimit),
    }),
    catchUp: draft.catchUp,
    maxConcurrency: numberOf(draft.maxConcurrency),
    concurrency:
      textOf(draft.concurrencyKey) === undefined
        ? undefined
        : withoutUndefined({ key: draft.concurrencyKey.trim(), limit: numberOf(draft.concurrencyLimit) }),
    autoPauseAfter: numberOf(draft.autoPauseAfter),
    keepLast: numberOf(draft.keepLast),
    jitter: textOf(draft.jitter),
  };
}

/** What is typed as a number; what is none goes to the host as it is, which says so at the field. */
function numberOf(text: string): number | string | undefined {
  const typed = textOf(text);
  return typed === undefined || !/^-?\d{1,15}$/.test(typed) ? typed : Number(typed);
}

function timeOf(text: string): number | string | undefined {
  return text === "" ? undefined : (fromLocalField(text) ?? text);
}

function textOf(text: string): string | undefined {
  return text.trim() === "" ? undefined : text.trim();
}

/** The value of an option of the handlers; "" where none is chosen, which the host refuses at the field. */
function jsonOf(handler: string): unknown {
  return handler === "" ? "" : (JSON.parse(handler) as unknown);
}

function withoutUndefined(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
