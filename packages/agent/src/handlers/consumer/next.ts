/** Runs a consumer's `next`: what follows from the outcome. */
import type { HandlerRun, Mutation } from "@millrace/db";
import { InternalError } from "../../errors.ts";
import type { PendingPublication } from "../../execution/execution-model.ts";
import type { ConsumerDefinition } from "../../workflow/workflow-definition.ts";
import { parseWithSchema } from "../../workflow/parse-with-schema.ts";
import type { Outcome, Prepared } from "../../workflow/types.ts";
import { PhaseGate } from "../phase-gate.ts";
import { connectorCalls, noMutation } from "../connector-calls.ts";
import { Publications } from "../publications.ts";
import { baseContext, runInTime, type RunScope } from "../run-scope.ts";

/** The outcome as `next` sees it. @throws InternalError when the run has none yet */
export function outcomeOf(
  run: Pick<HandlerRun, "id" | "mutationOutcome">,
  mutation: Mutation | null,
): Outcome<unknown> {
  switch (run.mutationOutcome) {
    case "applied":
      return { status: "applied", result: mutation?.result };
    case "none":
    case "skipped":
      return { status: run.mutationOutcome };
    case null:
      throw new InternalError(`Run ${run.id} has no outcome yet.`);
  }
}

/** @throws ClassifiedError, RunInterruptedError */
export async function runNext(
  scope: RunScope,
  consumer: ConsumerDefinition,
  prepared: Prepared<unknown>,
  outcome: Outcome<unknown>,
): Promise<{ publications: PendingPublication[]; state: unknown }> {
  const { next } = consumer;
  if (!next) return { publications: [], state: undefined };
  const { handlerName } = scope.run;
  const gate = new PhaseGate(handlerName, "next");
  const publications = new Publications<null>(scope, gate, consumer.publishes);
  const ctx = {
    ...connectorCalls(scope, gate, noMutation),
    ...baseContext(scope),
    publish: (topic: string, event: { messageId: unknown; payload: unknown }) =>
      publications.add(topic, event.messageId, event.payload, null),
  };
  const state = await runInTime(scope, gate, async () => next(ctx, prepared, outcome));
  if (state !== undefined && consumer.state)
    await parseWithSchema(consumer.state, state, `The state of ${handlerName}`);
  return { publications: await publications.check(), state };
}
