/** The errors of jobs: what a caller gets for bad input, what a handler may throw, and why a handler is told to stop. */
import { MillraceError, UnknownNameError } from "./errors.ts";

/** The input of a call is wrong; every fault that was found is listed with its path. */
export class InvalidJobError extends MillraceError {
  readonly faults: readonly string[];

  constructor(what: string, faults: readonly string[]) {
    super(`${what} is not valid:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** No handler of this name is registered in this process. */
export class UnknownHandlerError extends UnknownNameError {}

/** A handler of this name is registered already. */
export class DuplicateHandlerError extends MillraceError {
  constructor(name: string) {
    super(`There is a handler "${name}" already. Handlers are named once; give this one another name.`);
  }
}

/** No agent runner is registered. */
export class NoAgentRunnerError extends MillraceError {
  constructor() {
    super("This engine has no agent runner. Give createEngine an `agentRunner` to run jobs of handler type agent.");
  }
}

/** A job with the same uniqueness key is there, and the input says to reject then. */
export class JobConflictError extends MillraceError {
  readonly jobId: string;

  constructor(uniqueKey: string, jobId: string) {
    super(
      `Job ${jobId} with the uniqueness key "${uniqueKey}" is not over yet. Wait for it, cancel it, or replace it.`,
    );
    this.jobId = jobId;
  }
}

/** A job or an execution is not in a state in which this can be done. */
export class JobStateError extends MillraceError {}

/** Thrown by a handler: it makes no sense to try again. The execution has failed. */
export class NonRetryableError extends MillraceError {}

/** Thrown by a handler: try again, but no sooner than this. It counts as a failed attempt. */
export class RetryAfterError extends MillraceError {
  readonly afterMs: number;

  /** @param afterMs from now, in milliseconds */
  constructor(message: string, afterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.afterMs = afterMs;
  }
}

/** Thrown by a handler: it is not time yet; look again later. It does not count as an attempt. */
export class SnoozeError extends MillraceError {
  readonly forMs: number;

  /** @param forMs from now, in milliseconds */
  constructor(message: string, forMs: number) {
    super(message);
    this.forMs = forMs;
  }
}

/** The reason of a handler's signal: its time is up. */
export class JobTimeoutError extends MillraceError {
  constructor(job: string, timeoutMs: number) {
    super(`${job} did not end within ${timeoutMs} ms.`);
  }
}

/** The reason of a handler's signal: somebody has cancelled the execution. */
export class JobCancelledError extends MillraceError {}

/** The reason of a handler's signal: the engine stops. */
export class JobInterruptedError extends MillraceError {
  constructor() {
    super("The engine stops.");
  }
}

/** The reason of a handler's signal: its claim is lost, and whatever it gives will be discarded. */
export class ClaimLostError extends MillraceError {
  constructor() {
    super("This execution was given to somebody else; its result is discarded.");
  }
}
