/** Calls a connector's operation: parameters checked, time bounded, errors classified where they arise. */
import type { JsonValue, Mutation } from "@millrace/db";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { hideInText, valuesUnder } from "../connectors/declared-secrets.ts";
import type {
  CallContext,
  MutationOperation,
  Operation,
  ReadOperation,
  ReconcileAnswer,
} from "../connectors/define-connector.ts";
import { ClassifiedError, InternalError, NetworkError } from "../errors.ts";
import type { CallOutcome } from "../execution/mutation-ledger.ts";
import type { Policy } from "../policy.ts";
import { parseWithSchema } from "../workflow/parse-with-schema.ts";
import { hideInError } from "./run-secrets.ts";

export interface CallDependencies {
  clock: Clock;
  policy: Policy;
}

const reconcileAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("applied"), result: z.unknown() }),
  z.object({ outcome: z.literal("not_applied") }),
  z.object({ outcome: z.literal("retry"), reason: z.string() }),
  z.object({ outcome: z.literal("inconclusive"), reason: z.string() }),
]);

/** A call as it is told, and the values in it that are not: what its operation declares secret. */
interface Told {
  call: string;
  secrets: readonly string[];
}

const tellOf = (call: string, { secrets = [] }: Operation, params: unknown): Told => ({
  call,
  secrets: valuesUnder(params, secrets),
});

/** What a connector throws unclassified is its own bug, not the user's. What it says of the call holds no secret of it. */
function classifyConnectorError(error: unknown, { call, secrets }: Told): ClassifiedError {
  if (error instanceof ClassifiedError) return hideInError(error, secrets);
  const message = error instanceof Error ? error.message : String(error);
  return hideInError(new InternalError(`${call} threw an unclassified error: ${message}`, { cause: error }), secrets);
}

/** Runs `work` with a signal that aborts after `timeoutMs`, or with `outer`; settles then at the latest. */
async function withinTime<T>(
  { clock }: CallDependencies,
  timeoutMs: number,
  call: string,
  outer: AbortSignal | null,
  work: (context: CallContext) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const abort = (error: ClassifiedError) => {
      reject(error);
      controller.abort(error);
    };
    if (outer?.aborted) {
      // Nothing has been sent, and nothing will be.
      reject(new NetworkError(`${call} was not made: the engine stops.`, { effect: "none" }));
      return;
    }
    const onOuterAbort = () => abort(new NetworkError(`${call} was interrupted.`, { cause: outer?.reason }));
    const cancelTimer = clock.setTimer(timeoutMs, () =>
      abort(new NetworkError(`${call} did not answer within ${timeoutMs} ms.`)),
    );
    outer?.addEventListener("abort", onOuterAbort, { once: true });
    const settled = () => {
      cancelTimer();
      outer?.removeEventListener("abort", onOuterAbort);
    };
    // An async function of its own, so that a connector which throws at once is handled like one that rejects.
    const run = async () => work({ signal: controller.signal, now: () => clock.now() });
    run().then(resolve, reject).finally(settled);
  });
}

/** @throws ClassifiedError */
export async function callRead(
  dependencies: CallDependencies,
  operation: ReadOperation,
  call: string,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const parsed = await parseWithSchema(operation.params, params, `The parameters of ${call}`);
  try {
    return await withinTime(dependencies, dependencies.policy.call.readTimeoutMs, call, signal, (context) =>
      operation.execute(parsed, context),
    );
  } catch (error) {
    throw classifyConnectorError(error, tellOf(call, operation, [params, parsed]));
  }
}

/** Sends a mutation that is `in_flight` in the ledger. What comes back after its time is given to `onLateOutcome`. */
export async function callMutation(
  dependencies: CallDependencies,
  operation: MutationOperation,
  mutation: Mutation,
  signal: AbortSignal,
  onLateOutcome: (outcome: CallOutcome) => void,
): Promise<CallOutcome> {
  const told = tellOf(describeCall(mutation), operation, mutation.params);
  const { idempotencyKey } = mutation;
  let returned = false;
  let sent: Promise<CallOutcome> | undefined;
  try {
    const params = await parseStoredParams(operation, mutation);
    return await withinTime(dependencies, dependencies.policy.call.mutationTimeoutMs, told.call, signal, (context) => {
      sent = outcomeOf(async () => operation.execute(params, { ...context, idempotencyKey }), told);
      void sent.then((outcome) => {
        if (returned && outcome.kind !== "uncertain") onLateOutcome(outcome);
      });
      return sent;
    });
  } catch (error) {
    return toOutcome(classifyConnectorError(error, told));
  } finally {
    returned = true;
  }
}

/** Asks what became of a mutation. Errors and answers that are no answers mean: ask again, or a person. */
export async function callReconcile(
  dependencies: CallDependencies,
  operation: MutationOperation,
  mutation: Mutation,
  signal: AbortSignal,
): Promise<ReconcileAnswer> {
  const call = `reconcile of ${describeCall(mutation)}`;
  const told = tellOf(call, operation, mutation.params);
  try {
    const params = await parseStoredParams(operation, mutation);
    const answer = await withinTime(
      dependencies,
      dependencies.policy.call.reconcileTimeoutMs,
      call,
      signal,
      async (context) => operation.reconcile?.(params, mutation.idempotencyKey, context),
    );
    const parsed = reconcileAnswer.safeParse(answer);
    if (parsed.success) return withoutSecrets(parsed.data, told);
    return { outcome: "inconclusive", reason: `${call} gave an answer that is none: ${z.prettifyError(parsed.error)}` };
  } catch (error) {
    return { outcome: "retry", reason: classifyConnectorError(error, told).message };
  }
}

function withoutSecrets(answer: ReconcileAnswer, { secrets }: Told): ReconcileAnswer {
  return "reason" in answer ? { ...answer, reason: hideInText(answer.reason, secrets) } : answer;
}

/** The ledger keeps parameters as JSON; the schema makes of them again what the operation works with. */
function parseStoredParams(operation: MutationOperation, mutation: Mutation): Promise<unknown> {
  const params: JsonValue = mutation.params;
  return parseWithSchema(operation.params, params, `The stored parameters of ${describeCall(mutation)}`);
}

function describeCall({ connector, operation }: Mutation): string {
  return `${connector}.${operation}`;
}

async function outcomeOf(work: () => Promise<unknown>, told: Told): Promise<CallOutcome> {
  try {
    return { kind: "applied", result: await work() };
  } catch (error) {
    return toOutcome(classifyConnectorError(error, told));
  }
}

function toOutcome(error: ClassifiedError): CallOutcome {
  return { kind: error.effect === "none" ? "failed" : "uncertain", error };
}
