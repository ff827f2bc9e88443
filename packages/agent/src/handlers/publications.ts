/** Collects what a handler publishes; it is checked and written when the handler has returned. */
import { LogicError, PhaseViolationError } from "../errors.ts";
import type { PendingPublication } from "../execution/execution-model.ts";
import { parseWithSchema } from "../workflow/parse-with-schema.ts";
import type { RegisteredWorkflow } from "../workflow/workflow-registry.ts";
import type { PhaseGate } from "./phase-gate.ts";
import type { RunScope } from "./run-scope.ts";

/** What a handler gave to `ctx.publish`. */
export interface PublishCall<Extra> {
  topic: string;
  messageId: string;
  payload: unknown;
  extra: Extra;
}

export class Publications<Extra> {
  private readonly calls: PublishCall<Extra>[] = [];
  private readonly scope: RunScope;
  private readonly gate: PhaseGate;
  private readonly declared: readonly string[];

  constructor(scope: RunScope, gate: PhaseGate, declared: readonly string[]) {
    this.scope = scope;
    this.gate = gate;
    this.declared = declared;
  }

  /** @throws PhaseViolationError, LogicError; the gate remembers both */
  add(topic: string, messageId: unknown, payload: unknown, extra: Extra): void {
    const { policy, run } = this.scope;
    const what = `publish(${JSON.stringify(topic)})`;
    this.gate.check("publish", what);
    if (!this.declared.includes(topic)) {
      const declared = this.declared.join(", ") || "none";
      this.gate.refuse(
        new PhaseViolationError(
          `${run.handlerName} publishes to "${topic}", which it does not declare (declared: ${declared}).`,
        ),
      );
    }
    if (typeof messageId !== "string" || messageId === "") {
      this.gate.refuse(new LogicError(`${run.handlerName}: ${what} needs a messageId, a string that is not empty.`));
    }
    if (this.calls.length >= policy.handler.maxPublishes) {
      this.gate.refuse(
        new LogicError(
          `${run.handlerName} publishes more than ${policy.handler.maxPublishes} events in one run (policy.handler.maxPublishes).`,
        ),
      );
    }
    this.calls.push({ topic, messageId, payload, extra });
  }

  /** Checks every payload against its topic's schema. @throws SchemaError */
  async check(): Promise<(PendingPublication & { extra: Extra })[]> {
    const checked: (PendingPublication & { extra: Extra })[] = [];
    for (const { extra, ...call } of this.calls)
      checked.push({ ...(await checkPublication(this.scope.workflow, call)), extra });
    return checked;
  }
}

/**
 * Checks an event before it is published. What is stored is what was given: the schema's own output need not be JSON,
 * and is made anew for those who read it.
 * @throws SchemaError; LogicError when there is no such topic
 */
export async function checkPublication(
  workflow: RegisteredWorkflow,
  { topic, messageId, payload }: { topic: string; messageId: string; payload: unknown },
): Promise<PendingPublication> {
  const topicId = workflow.topicIds.get(topic);
  const schema = workflow.definition.topics[topic];
  if (topicId === undefined || schema === undefined) {
    throw new LogicError(
      `Workflow "${workflow.name}" has no topic "${topic}" (declared: ${[...workflow.topicIds.keys()].join(", ") || "none"}).`,
    );
  }
  await parseWithSchema(schema, payload, `The payload of event "${messageId}" of topic ${topic}`);
  return { topic, topicId, messageId, payload };
}
