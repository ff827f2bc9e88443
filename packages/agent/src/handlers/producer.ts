/** Runs a producer's handler and collects what it found. */
import { z } from "zod";
import { LogicError } from "../errors.ts";
import type { ProducerPublication } from "../execution/execution-model.ts";
import { parseWithSchema } from "../workflow/parse-with-schema.ts";
import type { InputDescription } from "../workflow/types.ts";
import { connectorCalls, noMutation } from "./connector-calls.ts";
import { PhaseGate } from "./phase-gate.ts";
import { Publications } from "./publications.ts";
import { readState } from "./read-state.ts";
import { baseContext, runInTime, type RunScope } from "./run-scope.ts";

const MAX_TEXT_LENGTH = 1_000;
const text = z.string().min(1).max(MAX_TEXT_LENGTH);
const inputDescription = z.object({
  source: text,
  type: text,
  externalId: text,
  title: z.string().max(MAX_TEXT_LENGTH),
});

export interface ProducerOutput {
  inputs: readonly InputDescription[];
  publications: readonly ProducerPublication[];
  state: unknown;
}

/** @throws ClassifiedError, RunInterruptedError */
export async function runProducer(scope: RunScope): Promise<ProducerOutput> {
  const { handlerName } = scope.run;
  const producer = scope.workflow.definition.producers[handlerName];
  if (!producer) throw new LogicError(`Workflow "${scope.workflow.name}" has no producer "${handlerName}" any more.`);
  const gate = new PhaseGate(handlerName, "producer");
  const inputs = new RegisteredInputs(gate, handlerName);
  const publications = new Publications<readonly number[]>(scope, gate, producer.publishes);
  const ctx = {
    ...connectorCalls(scope, gate, noMutation),
    ...baseContext(scope),
    registerInput: (input: unknown) => inputs.register(input),
    publish: (topic: string, event: { messageId: unknown; payload: unknown; inputs: unknown }) =>
      publications.add(topic, event.messageId, event.payload, inputs.positionsOf(event.inputs)),
  };
  const state = await readState(scope, producer.state);
  const next = await runInTime(scope, gate, async () => producer.handler(ctx, state));
  if (next !== undefined && producer.state) await parseWithSchema(producer.state, next, `The state of ${handlerName}`);
  const checked = await publications.check();
  return {
    inputs: inputs.list,
    publications: checked.map(({ extra, ...event }) => ({ ...event, inputs: extra })),
    state: next,
  };
}

/** The inputs of one run, each once, known to the handler by the reference it was given. */
class RegisteredInputs {
  readonly list: InputDescription[] = [];
  private readonly positions = new Map<unknown, number>();
  private readonly gate: PhaseGate;
  private readonly handlerName: string;

  constructor(gate: PhaseGate, handlerName: string) {
    this.gate = gate;
    this.handlerName = handlerName;
  }

  register(given: unknown): Readonly<InputDescription> {
    this.gate.check("register_input", "registerInput()");
    const parsed = inputDescription.safeParse(given);
    if (!parsed.success) {
      return this.gate.refuse(
        new LogicError(
          `${this.handlerName}: registerInput() was given no valid input: ${z.prettifyError(parsed.error)}`,
        ),
      );
    }
    const reference = Object.freeze(parsed.data);
    this.positions.set(reference, this.list.push(reference) - 1);
    return reference;
  }

  positionsOf(references: unknown): number[] {
    if (!Array.isArray(references) || references.length === 0) {
      return this.gate.refuse(
        new LogicError(
          `${this.handlerName}: publish() needs the inputs that the event comes from, as given by registerInput().`,
        ),
      );
    }
    return references.map((reference: unknown) => {
      const position = this.positions.get(reference);
      if (position !== undefined) return position;
      return this.gate.refuse(
        new LogicError(
          `${this.handlerName}: publish() was given an input that registerInput() did not give in this run.`,
        ),
      );
    });
  }
}
