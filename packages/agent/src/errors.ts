/**
 * Errors are classified where they arise, by type. The class of an error decides the status of the run it ends
 * (execution/run-status.ts) and whether a mutation that threw it may have happened.
 */

/** Whether a call that ended with this error may have changed the outside world. */
export type Effect = "none" | "unknown";

/** The base of every error that Millrace throws on purpose. */
export class MillraceError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

export interface ClassifiedErrorOptions extends ErrorOptions {
  /** Overrides what this class of error says about the effect of a mutation. */
  effect?: Effect;
}

/** An error that decides what becomes of a run. */
export abstract class ClassifiedError extends MillraceError {
  /** Whether the mutation that threw this may have happened. */
  readonly effect: Effect;

  constructor(message: string, defaultEffect: Effect, options: ClassifiedErrorOptions = {}) {
    super(message, options);
    this.effect = options.effect ?? defaultEffect;
  }
}

/** Credentials are missing, wrong or expired. A definite failure: nothing happened. */
export class AuthError extends ClassifiedError {
  constructor(message: string, options?: ClassifiedErrorOptions) {
    super(message, "none", options);
  }
}

/** The credentials are good but do not allow this. A definite failure: nothing happened. */
export class PermissionError extends ClassifiedError {
  constructor(message: string, options?: ClassifiedErrorOptions) {
    super(message, "none", options);
  }
}

/** The network or the other side failed. Unless `effect: "none"` says that nothing was sent, it may have happened. */
export class NetworkError extends ClassifiedError {
  constructor(message: string, options?: ClassifiedErrorOptions) {
    super(message, "unknown", options);
  }
}

export interface RateLimitErrorOptions extends ClassifiedErrorOptions {
  /** How long the other side asks to wait, in milliseconds. */
  retryAfterMs?: number;
}

/** The other side refused because of too many requests. A definite failure: nothing happened. */
export class RateLimitError extends ClassifiedError {
  readonly retryAfterMs: number | null;

  constructor(message: string, options: RateLimitErrorOptions = {}) {
    super(message, "none", options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** The workflow's code, or what it asked for, is wrong. A definite failure: nothing happened. */
export class LogicError extends ClassifiedError {
  constructor(message: string, options?: ClassifiedErrorOptions) {
    super(message, "none", options);
  }
}

/** Millrace or a connector is wrong. Whether a mutation happened is not known. */
export class InternalError extends ClassifiedError {
  constructor(message: string, options?: ClassifiedErrorOptions) {
    super(message, "unknown", options);
  }
}

/** A handler did something that its phase does not allow. The script cannot swallow it. */
export class PhaseViolationError extends LogicError {}

/** A handler did not return in time. */
export class HandlerTimeoutError extends LogicError {
  constructor(handler: string, timeoutMs: number) {
    super(
      `${handler} did not return within ${timeoutMs} ms. Await nothing that may hang; raise policy.handler.timeoutMs if it needs longer.`,
    );
  }
}

/** A value does not fit the schema that was declared for it. */
export class SchemaError extends LogicError {
  readonly issues: readonly string[];

  constructor(what: string, issues: readonly string[], options?: ClassifiedErrorOptions) {
    super(`${what} does not fit its schema: ${issues.join("; ")}`, options);
    this.issues = issues;
  }
}

/** A workflow definition is wrong; every fault that was found is listed with its path. */
export class WorkflowDefinitionError extends MillraceError {
  readonly faults: readonly string[];

  constructor(workflow: string, faults: readonly string[]) {
    super(`Workflow "${workflow}" is not valid:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** An operation of a connector declares secrets in a way that hides nothing. */
export class InvalidSecretError extends MillraceError {
  /** @param operation for example `bank.transfer` */
  constructor(operation: string, fault: string) {
    super(`The secrets of ${operation} can't be hidden: ${fault}.`);
  }
}

/** A policy has a value that is out of its range. */
export class PolicyError extends MillraceError {}

/** The workflow runs at this moment, so it can't be run by hand. */
export class WorkflowBusyError extends MillraceError {
  constructor(workflow: string) {
    super(`Workflow "${workflow}" is running. Try again when its run is over.`);
  }
}

/** The workflow may not run now: it is paused, or it waits for a person. */
export class WorkflowNotRunnableError extends MillraceError {}

/** There is no such thing: a workflow, producer, topic, run, input or mutation that was named does not exist. */
export class UnknownNameError extends MillraceError {
  constructor(kind: string, name: string, known?: readonly string[]) {
    super(`There is no ${kind} "${name}".${known ? ` Known: ${known.join(", ") || "none"}.` : ""}`);
  }
}

/** An id was given by its ending, and several end so. */
export class AmbiguousIdError extends MillraceError {
  constructor(kind: string, ending: string, ids: readonly string[]) {
    super(`More than one ${kind} has an id that ends in "${ending}": ${ids.join(", ")}, … Give more of it.`);
  }
}

/** The mutation is not in a state in which this can be decided about it. */
export class NotResolvableError extends MillraceError {}

/** The engine is not running (not started yet, or stopped). */
export class EngineStoppedError extends MillraceError {
  constructor() {
    super("The engine is not running. Call start() first.");
  }
}

/** A past run can't be replayed as it is now; every reason is listed. */
export class ReplayRefusedError extends MillraceError {
  readonly runId: string;
  readonly refusals: readonly string[];

  constructor(runId: string, from: string, refusals: readonly string[]) {
    super(`Run ${runId} can't be replayed from ${from} now. ${refusals.join(" ")}`);
    this.runId = runId;
    this.refusals = refusals;
  }
}

/** A replay would repeat effects that have happened, or may have, and nobody has said that each of them may. */
export class EffectCrossingError extends MillraceError {
  readonly effects: readonly { readonly id: string; readonly title: string }[];

  constructor(runId: string, effects: readonly { readonly id: string; readonly title: string }[]) {
    const list = effects.map(({ id, title }) => `"${title}" (${id})`).join(", ");
    super(
      `Replaying run ${runId} would repeat what has happened, or may have: ${list}. Look at each, then name those that may happen again.`,
    );
    this.effects = effects;
  }
}

/** A replay names effects that are no part of it: it was decided upon a plan that is no longer true. */
export class StaleReplayError extends MillraceError {
  readonly mutationIds: readonly string[];

  constructor(runId: string, mutationIds: readonly string[]) {
    super(
      `The replay of run ${runId} has no part in these effects: ${mutationIds.join(", ")}. Look at its plan again, then decide.`,
    );
    this.mutationIds = mutationIds;
  }
}
