/** What everything that happens inside one run has at hand. */
import { DatabaseError, NotSerialisableError, ValueTooLargeError, type HandlerRun, type Stores } from "@millrace/db";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { ClassifiedError, HandlerTimeoutError, InternalError, LogicError, MillraceError } from "../errors.ts";
import type { Policy } from "../policy.ts";
import type { ForeignCode, LoopWatch } from "../stall/loop-watch.ts";
import type { RegisteredWorkflow } from "../workflow/workflow-registry.ts";
import type { HandlerContext } from "../workflow/types.ts";
import type { PhaseGate } from "./phase-gate.ts";
import type { RunLogBuffer } from "./run-log.ts";
import type { RunSecrets } from "./run-secrets.ts";

export interface HandlerDependencies {
  stores: Stores;
  clock: Clock;
  policy: Policy;
  logger: Logger;
  /** Sees what blocks the event loop. */
  loopWatch: LoopWatch;
}

export interface RunScope extends HandlerDependencies {
  workflow: RegisteredWorkflow;
  run: Pick<HandlerRun, "id" | "handlerName" | "attempt" | "inputState">;
  log: RunLogBuffer;
  secrets: RunSecrets;
  /** Aborts when the run is aborted or the engine stops. */
  signal: AbortSignal;
}

/** The run was aborted from outside: an input was skipped, or the engine stops. */
export class RunInterruptedError extends MillraceError {
  constructor() {
    super("The run was interrupted.");
  }
}

/** What every `ctx` has. */
export function baseContext({ workflow, run, log, signal, clock }: RunScope): HandlerContext {
  return {
    workflow: workflow.name,
    handler: run.handlerName,
    runId: run.id,
    attempt: run.attempt,
    signal,
    now: () => clock.now(),
    log: (level, message, data) => log.add(level, message, data),
  };
}

/** A run's handler, for the watch over the event loop. @param call what of it runs, where that is not its own code */
export function codeOf({ workflow, run }: Pick<RunScope, "workflow" | "run">, call = ""): ForeignCode {
  const what = `${call}handler "${run.handlerName}" of workflow "${workflow.name}"`;
  return { what, which: `run ${run.id}`, owner: { workflowId: workflow.id } };
}

/**
 * Runs a user's handler: bounded in time, its gate closed when it ends.
 * @throws ClassifiedError what the handler did wrong, even if it caught it; RunInterruptedError
 */
export async function runInTime<T>(scope: RunScope, gate: PhaseGate, handler: () => Promise<T>): Promise<T> {
  const { clock, policy, run, signal } = scope;
  const { timeoutMs } = policy.handler;
  if (signal.aborted) throw new RunInterruptedError();
  let cancelTimer: () => void = () => undefined;
  let onAbort: () => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new RunInterruptedError());
    signal.addEventListener("abort", onAbort, { once: true });
    cancelTimer = clock.setTimer(timeoutMs, () => reject(new HandlerTimeoutError(run.handlerName, timeoutMs)));
  });
  const span = scope.loopWatch.begin(codeOf(scope));
  try {
    const result = await Promise.race([span.call(handler), interrupted]);
    if (gate.violation) throw gate.violation;
    return result;
  } catch (error) {
    throw gate.violation ?? classifyHandlerError(error);
  } finally {
    span.end();
    gate.close();
    cancelTimer();
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Gives a call of `ctx` to the handler. What fails though nobody awaits it must not end the process: where it was
 * refused the gate knows, and where it failed after the handler had ended nobody asks any more.
 */
export function handOut<T>(call: Promise<T>): Promise<T> {
  call.catch(() => undefined);
  return call;
}

/** What a handler's own code throws is a fault of the workflow; connectors have classified what they throw. */
export function classifyHandlerError(error: unknown): Error {
  if (error instanceof ClassifiedError || error instanceof RunInterruptedError) return error;
  if (error instanceof DatabaseError) return new InternalError(error.message, { cause: error });
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `A handler threw ${String(error)}`;
  return new LogicError(message, { cause: error });
}

/** A value that a handler gave and that can't be stored is a fault of the workflow. */
export function classifyStoreError(error: unknown): unknown {
  if (error instanceof NotSerialisableError || error instanceof ValueTooLargeError) {
    return new LogicError(error.message, { cause: error });
  }
  return error;
}
