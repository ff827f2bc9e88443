/**
 * What a handler may do in its phase (DESIGN section 3). Anything else is a PhaseViolationError that aborts the run:
 * the gate remembers it, so that a handler which catches it can't swallow it.
 */
import { PhaseViolationError, type LogicError } from "../errors.ts";

export type HandlerPhase = "producer" | "prepare" | "mutate" | "next";
export type Action = "peek" | "register_input" | "publish" | "read" | "mutation";

const ALLOWED = {
  producer: { peek: false, register_input: true, publish: true, read: true, mutation: false },
  prepare: { peek: true, register_input: false, publish: false, read: true, mutation: false },
  mutate: { peek: false, register_input: false, publish: false, read: false, mutation: true },
  next: { peek: false, register_input: false, publish: true, read: false, mutation: false },
} as const satisfies Record<HandlerPhase, Record<Action, boolean>>;

const WHERE = {
  peek: "Events are read in prepare.",
  register_input: "Inputs are registered in a producer.",
  publish: "Events are published by a producer or in next.",
  read: "Connectors are read in a producer or in prepare.",
  mutation: "The one mutation of a run is made in mutate.",
} as const satisfies Record<Action, string>;

export class PhaseGate {
  private closed = false;
  private first: LogicError | null = null;
  private readonly handler: string;
  private readonly phase: HandlerPhase;

  constructor(handler: string, phase: HandlerPhase) {
    this.handler = handler;
    this.phase = phase;
  }

  /** The first thing that the handler did wrong. */
  get violation(): LogicError | null {
    return this.first;
  }

  /** @param what the call in words, for example `publish("row.added")` @throws PhaseViolationError */
  check(action: Action, what: string): void {
    if (this.closed) {
      throw new PhaseViolationError(
        `${this.handler}: ${what} was called after ${this.phase} had ended. Await every call.`,
      );
    }
    if (!ALLOWED[this.phase][action])
      this.refuse(
        new PhaseViolationError(`${this.handler}: ${what} is not allowed in ${this.phase}. ${WHERE[action]}`),
      );
  }

  /** Remembers and throws what the handler did wrong. */
  refuse(error: LogicError): never {
    this.first ??= error;
    throw error;
  }

  /** The handler has ended: nothing is allowed any more. */
  close(): void {
    this.closed = true;
  }
}
