/** Runs a producer or a `prepare` against the real world without writing anything. Neither can touch it, so this is safe. */
import type { JsonValue, RunId, RunLog } from "@millrace/db";
import { UnknownNameError } from "../errors.ts";
import type { InputDescription } from "../workflow/types.ts";
import type { RegisteredWorkflow } from "../workflow/workflow-registry.ts";
import { captureMutation } from "./consumer/mutate.ts";
import { runPrepare } from "./consumer/prepare.ts";
import { runProducer } from "./producer.ts";
import { secretsOfAllCalls } from "../workflow/row-redaction.ts";
import { RunLogBuffer } from "./run-log.ts";
import { RunSecrets } from "./run-secrets.ts";
import type { HandlerDependencies, RunScope } from "./run-scope.ts";

export interface ProducerPreview {
  kind: "producer";
  inputs: readonly InputDescription[];
  publications: readonly { topic: string; messageId: string; payload: unknown }[];
  logs: RunLog[];
}

export interface ConsumerPreview {
  kind: "consumer";
  /** What `prepare` selected. */
  reservations: readonly { readonly topic: string; readonly ids: readonly string[] }[];
  data: unknown;
  /** The mutation that would be sent, with its parameters; null when none would be. */
  mutation: { connector: string; operation: string; params: JsonValue; title: string; needsApproval: boolean } | null;
  /** When it would be woken, in Unix milliseconds; 0 for never. */
  wakeAt: number;
  logs: RunLog[];
}

/** No run has this id, because none is made. */
const PREVIEW_RUN_ID = "preview" as RunId;

/** @throws UnknownNameError; ClassifiedError what the handler does wrong */
export async function previewHandler(
  dependencies: HandlerDependencies,
  workflow: RegisteredWorkflow,
  handlerName: string,
): Promise<ProducerPreview | ConsumerPreview> {
  const { stores, clock, policy, logger } = dependencies;
  const secrets = new RunSecrets(secretsOfAllCalls(workflow.config.secrets));
  const log = new RunLogBuffer(
    () => clock.now(),
    logger.child({ workflow: workflow.name, preview: handlerName }),
    policy.handler.maxLogLines,
    secrets,
  );
  const stored = await stores.handlerStates.find({ workflowId: workflow.id, handlerName });
  const run = { id: PREVIEW_RUN_ID, handlerName, attempt: 1, inputState: stored?.state ?? null };
  const controller = new AbortController();
  const scope: RunScope = { ...dependencies, workflow, run, log, secrets, signal: controller.signal };
  try {
    return await previewInScope(scope, handlerName);
  } finally {
    controller.abort();
  }
}

async function previewInScope(scope: RunScope, handlerName: string): Promise<ProducerPreview | ConsumerPreview> {
  if (Object.hasOwn(scope.workflow.definition.producers, handlerName)) {
    const { inputs, publications } = await runProducer(scope);
    return {
      kind: "producer",
      inputs,
      publications: publications.map(({ topic, messageId, payload }) => ({ topic, messageId, payload })),
      logs: scope.log.drain(),
    };
  }
  return previewConsumer(scope, handlerName);
}

async function previewConsumer(scope: RunScope, handlerName: string): Promise<ConsumerPreview> {
  const { producers, consumers } = scope.workflow.definition;
  const consumer = consumers[handlerName];
  if (!consumer)
    throw new UnknownNameError("handler", handlerName, [...Object.keys(producers), ...Object.keys(consumers)]);
  const { prepared, reserved, wakeAt } = await runPrepare(scope, consumer);
  const captured = reserved.size === 0 ? null : await captureMutation(scope, consumer, prepared);
  return {
    kind: "consumer",
    reservations: prepared.reservations,
    data: prepared.data,
    mutation: captured && {
      ...captured.request,
      params: scope.secrets.data(captured.request.params),
      needsApproval: captured.needsApproval,
    },
    wakeAt: wakeAt.at,
    logs: scope.log.drain(),
  };
}
