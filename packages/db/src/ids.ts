/**
 * Identities: branded UUIDv7 text, so that a run id can never be passed where an event id is meant.
 *
 * Invariants:
 * 1. Ids made by one source sort in the order of their making, even within one millisecond and when the clock goes back.
 * 2. Time and randomness are parameters, so a seeded simulation makes the same ids again.
 */
import { randomBytes } from "node:crypto";
import { v7 } from "uuid";

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type PlatformId = Id<"platform">;
export type WorkflowId = Id<"workflow">;
export type ScriptId = Id<"script">;
export type SessionId = Id<"session">;
export type TopicId = Id<"topic">;
export type InputId = Id<"input">;
export type EventId = Id<"event">;
export type RunId = Id<"run">;
export type MutationId = Id<"mutation">;
export type NotificationId = Id<"notification">;
export type HandlerStateId = Id<"handler-state">;
export type ProducerScheduleId = Id<"producer-schedule">;
export type JobId = Id<"job">;
export type JobExecutionId = Id<"job-execution">;
export type EventHandlerId = Id<"event-handler">;
export type ScheduleDecisionId = Id<"schedule-decision">;
export type ReplayId = Id<"replay">;
export type AuditEntryId = Id<"audit-entry">;
export type AccessTokenId = Id<"access-token">;

/** The platform that owns every workflow of a single-tenant database; the first migration creates it. */
// The brand is given here because this is the one id that is not made by an IdSource.
export const DEFAULT_PLATFORM_ID = "00000000-0000-7000-8000-000000000000" as PlatformId;

/** Makes new ids. The type parameter is the kind of id that the caller needs. */
export type IdSource = <T extends Id<string>>() => T;

export interface IdSourceOptions {
  /** The current time in Unix milliseconds. */
  now: () => number;
  /** 16 random bytes. Defaults to the platform's secure source, from which they are taken many at a time. */
  random?: () => Uint8Array;
}

const BYTES_OF_ID = 16;
/** Each call of the platform's source costs as much as the rest of an id. */
const IDS_AT_ONCE = 256;

function secureRandom(): () => Uint8Array {
  let drawn = new Uint8Array();
  let next = 0;
  return () => {
    if (next >= drawn.length) {
      drawn = randomBytes(BYTES_OF_ID * IDS_AT_ONCE);
      next = 0;
    }
    next += BYTES_OF_ID;
    return drawn.subarray(next - BYTES_OF_ID, next);
  };
}

/** Creates a source of UUIDv7 ids that are strictly ascending for the life of the source. */
export function createIdSource({ now, random = secureRandom() }: IdSourceOptions): IdSource {
  let lastMilliseconds = 0;
  let sequence = 0;
  return <T extends Id<string>>() => {
    const milliseconds = now();
    if (milliseconds > lastMilliseconds) {
      lastMilliseconds = milliseconds;
      sequence = 0;
    } else {
      sequence += 1;
    }
    // The brand has no run-time form: a fresh id is of whatever kind the caller makes it for.
    return v7({ msecs: lastMilliseconds, seq: sequence, random: random() }) as T;
  };
}
