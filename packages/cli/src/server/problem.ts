/**
 * What a caller is told when a request is not carried out: RFC 9457 problem details.
 *
 * Invariants:
 * 1. One table says which error is which problem; what is not in it is a 500 that says nothing of its cause.
 * 2. No stack and no secret is ever in a problem.
 */
import {
  AmbiguousIdError,
  AuthError,
  DuplicateHandlerError,
  EffectCrossingError,
  EngineStoppedError,
  InvalidJobError,
  JobConflictError,
  JobStateError,
  LogicError,
  MillraceError,
  NetworkError,
  NoAgentRunnerError,
  NotResolvableError,
  PermissionError,
  RateLimitError,
  ReplayRefusedError,
  SchemaError,
  StaleReplayError,
  UnknownHandlerError,
  UnknownNameError,
  WorkflowBusyError,
  WorkflowNotRunnableError,
  redactText,
} from "@millrace/agent";
import {
  CorruptRowError,
  DatabaseClosedError,
  DatabaseFullError,
  DatabaseLockedError,
  IllegalTransitionError,
  NotFoundError,
  NotSerialisableError,
  ProtectedRowError,
  ReservationConflictError,
  TransitionConflictError,
  ValueTooLargeError,
} from "@millrace/db";
import { z } from "zod";

/** Each kind of problem with its status and title. */
export const PROBLEMS = {
  "malformed-request": [400, "The request is malformed"],
  unauthenticated: [401, "Say who you are"],
  forbidden: [403, "This is not allowed"],
  "not-found": [404, "There is no such thing"],
  "method-not-allowed": [405, "This can't be done here"],
  "request-timeout": [408, "The request took too long to arrive"],
  conflict: [409, "This can't be done now"],
  "too-large": [413, "This is too large"],
  "unsupported-media-type": [415, "This kind of content is not understood"],
  "misdirected-request": [421, "This host does not answer to that name"],
  invalid: [422, "The input is not valid"],
  "too-many-attempts": [429, "Too many failed attempts"],
  internal: [500, "Something went wrong here"],
  unreadable: [500, "A row of the database can't be read"],
  "upstream-failed": [502, "Another system failed"],
  unavailable: [503, "Not available now"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof PROBLEMS;

/** A part of the input that is wrong. */
export interface Fault {
  /** Where it is, for example `body.schedule.cron`. */
  path: string;
  message: string;
}

export const problem = z
  .object({
    type: z.string().meta({ description: "`urn:millrace:problem:` and the kind of the problem" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** The request that it is about, as the host's log names it. */
    instance: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

export type Problem = z.infer<typeof problem>;

/** A request is refused. */
export class RefusedError extends MillraceError {
  readonly kind: ProblemKind;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    message: string,
    { faults = [], headers = {} }: { faults?: readonly Fault[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.kind = kind;
    this.faults = faults;
    this.headers = headers;
  }
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** Subclasses stand before their superclasses. */
const KIND_OF: readonly (readonly [ErrorClass, ProblemKind])[] = [
  [UnknownHandlerError, "invalid"],
  [UnknownNameError, "not-found"],
  [NotFoundError, "not-found"],
  [NotResolvableError, "conflict"],
  [ReplayRefusedError, "conflict"],
  [EffectCrossingError, "conflict"],
  [StaleReplayError, "conflict"],
  [JobStateError, "conflict"],
  [JobConflictError, "conflict"],
  [WorkflowBusyError, "conflict"],
  [WorkflowNotRunnableError, "conflict"],
  [DuplicateHandlerError, "conflict"],
  [AmbiguousIdError, "conflict"],
  [IllegalTransitionError, "conflict"],
  [TransitionConflictError, "conflict"],
  [ReservationConflictError, "conflict"],
  [ProtectedRowError, "conflict"],
  [SchemaError, "invalid"],
  [InvalidJobError, "invalid"],
  [NoAgentRunnerError, "invalid"],
  [NotSerialisableError, "invalid"],
  [LogicError, "invalid"],
  [ValueTooLargeError, "too-large"],
  [AuthError, "upstream-failed"],
  [PermissionError, "upstream-failed"],
  [NetworkError, "upstream-failed"],
  [RateLimitError, "upstream-failed"],
  [EngineStoppedError, "unavailable"],
  [DatabaseLockedError, "unavailable"],
  [DatabaseClosedError, "unavailable"],
  [DatabaseFullError, "unavailable"],
  [CorruptRowError, "unreadable"],
];

const RETRY_AFTER_SECONDS = "5";
const UNEXPECTED = "This was not expected. The host's log says more under this instance.";

/** What kind of problem an error is; `internal` for one that nobody expected. */
export function kindOf(error: unknown): ProblemKind {
  if (error instanceof RefusedError) return error.kind;
  return KIND_OF.find(([type]) => error instanceof type)?.[1] ?? "internal";
}

/** Whether an error is the host's own, and belongs into its log. */
export const isOurs = (error: unknown): boolean => PROBLEMS[kindOf(error)][0] === 500;

/** What a caller is told of an error. */
export function describeProblem(error: unknown, requestId: string): Problem {
  const kind = kindOf(error);
  const [status, title] = PROBLEMS[kind];
  const isTold = kind !== "internal" && error instanceof Error;
  const errors = faultsOf(error).map(({ path, message }) => ({ path, message: redactText(message) }));
  return {
    type: `urn:millrace:problem:${kind}`,
    title,
    status,
    detail: isTold ? redactText(error.message) : UNEXPECTED,
    instance: `urn:uuid:${requestId}`,
    ...(errors.length > 0 && { errors }),
  };
}

/** The response to a request that failed. */
export function problemResponse(error: unknown, requestId: string): Response {
  const told = describeProblem(error, requestId);
  const headers = new Headers({ "Content-Type": "application/problem+json" });
  if (told.status === 503) headers.set("Retry-After", RETRY_AFTER_SECONDS);
  if (told.status === 401) headers.set("WWW-Authenticate", 'Bearer realm="millrace"');
  if (error instanceof RefusedError)
    for (const [name, value] of Object.entries(error.headers)) headers.set(name, value);
  return new Response(JSON.stringify(told), { status: told.status, headers });
}

function faultsOf(error: unknown): readonly Fault[] {
  if (error instanceof RefusedError) return error.faults;
  if (error instanceof InvalidJobError) return error.faults.map(splitFault);
  if (error instanceof SchemaError) return error.issues.map(splitFault);
  return [];
}

/** These errors write a fault as `path: message`, or as the message alone. */
function splitFault(fault: string): Fault {
  const [, path = "", message = fault] = /^([\w.[\]-]+): (.+)$/s.exec(fault) ?? [];
  return { path, message };
}
