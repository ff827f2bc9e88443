/** Runs a consumer's `mutate` up to its one call, which ends the handler: what follows the call never runs. */
import type { JsonValue } from "@millrace/db";
import { LogicError } from "../../errors.ts";
import type { MutationOperation } from "../../connectors/define-connector.ts";
import type { MutationRequest } from "../../execution/mutation-ledger.ts";
import type { ConsumerDefinition } from "../../workflow/workflow-definition.ts";
import { parseWithSchema } from "../../workflow/parse-with-schema.ts";
import type { Prepared } from "../../workflow/types.ts";
import { findOperation } from "../../workflow/workflow-registry.ts";
import { connectorCalls } from "../connector-calls.ts";
import { PhaseGate } from "../phase-gate.ts";
import { baseContext, classifyHandlerError, runInTime, type RunScope } from "../run-scope.ts";

/** A call that `mutate` has made, ready for the ledger. */
export interface CapturedMutation {
  request: MutationRequest;
  operation: MutationOperation;
  /** Whether a person must approve it first. */
  needsApproval: boolean;
}

interface Call {
  connector: string;
  operation: string;
  params: unknown;
}

/** Gives the call, or null when `mutate` made none. @throws ClassifiedError, RunInterruptedError */
export async function captureMutation(
  scope: RunScope,
  consumer: ConsumerDefinition,
  prepared: Prepared<unknown>,
): Promise<CapturedMutation | null> {
  const { mutate } = consumer;
  if (!mutate) return null;
  const gate = new PhaseGate(scope.run.handlerName, "mutate");
  const call = await firstCall(scope, gate, (ctx) => mutate(ctx, prepared));
  return call && describeCapture(scope, consumer, prepared, call);
}

async function firstCall(
  scope: RunScope,
  gate: PhaseGate,
  mutate: (ctx: unknown) => Promise<unknown>,
): Promise<Call | null> {
  let captured: Call | null = null;
  let onCaptured: () => void = () => undefined;
  const capture = new Promise<void>((resolve) => {
    onCaptured = resolve;
  });
  const calls = connectorCalls(scope, gate, (call) => {
    if (captured) {
      return gate.refuse(
        new LogicError(
          `${scope.run.handlerName} makes two mutations in one run: ${describe(captured)} and ${describe(call)}. A run makes at most one; publish an event in next and let another consumer make the other.`,
        ),
      );
    }
    captured = call;
    onCaptured();
    // The handler waits here for ever: its call is made by the engine, and its code never runs on.
    return new Promise(() => undefined);
  });
  const ctx = { ...calls, ...baseContext(scope) };
  let failure: Error | null = null;
  await runInTime(scope, gate, async () => {
    const handled = Promise.resolve(mutate(ctx)).then(
      () => undefined,
      (error: unknown) => {
        failure = classifyHandlerError(error);
      },
    );
    await Promise.race([capture, handled]);
    // One more turn, so that a second call, or an error beside the first one, is seen before anything is sent.
    await new Promise((resolve) => setImmediate(resolve));
    if (failure) throw failure;
  });
  return captured;
}

async function describeCapture(
  scope: RunScope,
  consumer: ConsumerDefinition,
  prepared: Prepared<unknown>,
  { connector, operation: name, params }: Call,
): Promise<CapturedMutation> {
  const operation = findOperation(scope.workflow, connector, name);
  if (operation?.kind !== "mutation") throw new LogicError(`${connector}.${name} is not a mutation.`);
  const parsed = await parseWithSchema(operation.params, params, `The parameters of ${connector}.${name}`);
  const title = operation.describe?.(parsed) ?? prepared.ui.title ?? `${connector}.${name}`;
  return {
    // The ledger refuses parameters that are no JSON value.
    request: { connector, operation: name, params: (params ?? null) as JsonValue, title: scope.secrets.text(title) },
    operation,
    needsApproval: consumer.approval === "required" || operation.approval === "required",
  };
}

const describe = ({ connector, operation }: Call) => `${connector}.${operation}`;
