/**
 * The audit: what people (and programs in their name) do, written down before it is done and completed after it.
 *
 * Invariants:
 * 1. Nothing is done that could not be written down first.
 * 2. An entry without an outcome means that the process ended in between: how the action ended is not known.
 * 3. No secret is written down.
 */
import {
  IllegalTransitionError,
  NotFoundError,
  NotSerialisableError,
  ProtectedRowError,
  ReservationConflictError,
  TransitionConflictError,
  ValueTooLargeError,
  type AuditChannel,
  type AuditEntry,
  type AuditOutcome,
  type AuditStore,
  type JsonValue,
  type PlatformId,
} from "@millrace/db";
import type { Clock } from "./clock.ts";
import { InternalError, MillraceError, NetworkError } from "./errors.ts";
import { redactText, redactValue } from "./redaction.ts";

/** Longer details are left out; the subject says what it was about. */
const MOST_DETAIL_CHARACTERS = 16 * 1024;

export interface AuditedAction {
  platformId: PlatformId;
  /** Who acts. */
  actor: string;
  channel: AuditChannel;
  /** For example `mutation.resolve`. */
  action: string;
  /** What it is done to; null where it is many things, or one that is only made by it. */
  subject: { type: string; id: string } | null;
  details: JsonValue | null;
}

export interface AuditTrailOptions {
  store: AuditStore;
  clock: Clock;
  /** Called when the outcome of what was done could not be written down. */
  onLostOutcome: (error: unknown, entry: AuditEntry) => void;
  /** Gives details without what is secret beyond what its key says. Default: as they are. */
  hideDeclared?: (details: JsonValue, subject: AuditedAction["subject"]) => Promise<JsonValue>;
}

export class AuditTrail {
  private readonly options: AuditTrailOptions;

  constructor(options: AuditTrailOptions) {
    this.options = options;
  }

  /** Writes an action down, does it, and writes down what came of it. @throws what `work` throws */
  async perform<Result>(action: AuditedAction, work: () => Promise<Result>): Promise<Result> {
    const entry = await this.begin(action);
    try {
      const result = await work();
      await this.complete(entry, "done", null);
      return result;
    } catch (error) {
      const message = redactText(error instanceof Error ? error.message : String(error));
      await this.complete(entry, isRefusal(error) ? "refused" : "failed", message);
      throw error;
    }
  }

  private async begin({ subject, details, ...action }: AuditedAction): Promise<AuditEntry> {
    const { store, clock, hideDeclared } = this.options;
    // What has no subject is about its kind of thing, which the action's name begins with.
    const [kind = action.action] = action.action.split(".");
    const { type, id } = subject ?? { type: kind, id: "" };
    const hidden = details === null || !hideDeclared ? details : await hideDeclared(details, subject);
    return store.create({ ...action, subjectType: type, subjectId: id, details: readable(hidden) }, clock.now());
  }

  /** What was done is done, whether its outcome can be written down or not. */
  private async complete(entry: AuditEntry, outcome: AuditOutcome, message: string | null): Promise<void> {
    const { store, clock, onLostOutcome } = this.options;
    try {
      await store.complete(entry.id, { outcome, message }, clock.now());
    } catch (error) {
      onLostOutcome(error, entry);
    }
  }
}

function readable(details: JsonValue | null): JsonValue | null {
  const redacted = redactValue(details);
  const characters = JSON.stringify(redacted).length;
  return characters <= MOST_DETAIL_CHARACTERS ? redacted : { leftOut: `${characters} characters of details` };
}

const REFUSALS = [
  NotFoundError,
  IllegalTransitionError,
  TransitionConflictError,
  ReservationConflictError,
  ProtectedRowError,
  ValueTooLargeError,
  NotSerialisableError,
];

/** Whether it was not possible or not allowed, so that nothing was done. */
function isRefusal(error: unknown): boolean {
  if (error instanceof InternalError || error instanceof NetworkError) return false;
  return error instanceof MillraceError || REFUSALS.some((type) => error instanceof type);
}
