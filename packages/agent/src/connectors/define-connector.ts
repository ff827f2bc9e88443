/**
 * What a connector is: named reads and mutations with checked parameters.
 *
 * A mutation's `execute` says by its error whether something may have happened (errors.ts); its `reconcile` finds out
 * afterwards. Retries inside of either are off: the engine decides what is done again.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkSecrets, type SecretKeys } from "./declared-secrets.ts";

/** What a call gets beside its parameters. */
export interface CallContext {
  /** Aborts when the call has taken too long or the engine stops. */
  signal: AbortSignal;
  /** The current time in Unix milliseconds. */
  now: () => number;
}

export interface MutationContext extends CallContext {
  /** The same for every attempt that could be the same effect; give it to the other side where it takes one. */
  idempotencyKey: string;
}

/** What `reconcile` can answer. */
export type ReconcileAnswer<Result = unknown> =
  | { outcome: "applied"; result: Result }
  | { outcome: "not_applied" }
  | { outcome: "retry"; reason: string }
  | { outcome: "inconclusive"; reason: string };

/** The effect is there. */
export const applied = <Result>(result: Result): ReconcileAnswer<Result> => ({ outcome: "applied", result });
/** The effect is not there now. Believed only after the operation's settle window. */
export const notApplied = (): ReconcileAnswer<never> => ({ outcome: "not_applied" });
/** It can't be told now; ask again later. */
export const retryLater = (reason: string): ReconcileAnswer<never> => ({ outcome: "retry", reason });
/** It can't be told at all; a person must look. */
export const inconclusive = (reason: string): ReconcileAnswer<never> => ({ outcome: "inconclusive", reason });

/** What every operation may say of itself. */
interface DescribedOperation {
  /**
   * What is secret in its parameters and in its result: keys, or keys joined by dots (`pin`, `card.number`), at any depth
   * and in every item of a list. It is sent and stored as it is, and never shown or logged.
   */
  readonly secrets?: SecretKeys;
}

/** An operation that changes nothing outside. */
export interface ReadOperation<Input = unknown, Params = unknown, Result = unknown> extends DescribedOperation {
  readonly kind: "read";
  readonly params: StandardSchemaV1<Input, Params>;
  execute(params: Params, context: CallContext): Promise<Result>;
}

/** An operation that changes something outside. */
export interface MutationOperation<Input = unknown, Params = unknown, Result = unknown> extends DescribedOperation {
  readonly kind: "mutation";
  readonly params: StandardSchemaV1<Input, Params>;
  execute(params: Params, context: MutationContext): Promise<Result>;
  /** Finds out whether an earlier `execute` with these parameters and this key took effect. */
  reconcile?(params: Params, idempotencyKey: string, context: CallContext): Promise<ReconcileAnswer<Result>>;
  /** Says in words what a call with these parameters does. */
  describe?(params: Params): string;
  /** How long the other side may take to show an effect, in milliseconds. Default 0. */
  readonly settleMs?: number;
  /** `required`: a person must approve the very parameters before they are sent. */
  readonly approval?: "required";
}

// Method parameters are bivariant, so operations of any parameters fit these.
export type Operation = ReadOperation | MutationOperation;
export type Operations = Readonly<Record<string, Operation>>;

export interface Connector<Ops extends Operations = Operations> {
  readonly name: string;
  readonly operations: Ops;
}

/** Describes a read; gives it back with its types inferred. */
export function read<Input, Params, Result>(
  operation: Omit<ReadOperation<Input, Params, Result>, "kind">,
): ReadOperation<Input, Params, Result> {
  return { ...operation, kind: "read" };
}

/** Describes a mutation; gives it back with its types inferred. */
export function mutation<Input, Params, Result>(
  operation: Omit<MutationOperation<Input, Params, Result>, "kind">,
): MutationOperation<Input, Params, Result> {
  return { ...operation, kind: "mutation" };
}

/**
 * Names a set of operations.
 * @throws TypeError when a name can't be used as a property of `ctx`; InvalidSecretError for secrets that can't be hidden
 */
export function defineConnector<const Ops extends Operations>(connector: Connector<Ops>): Connector<Ops> {
  for (const name of [connector.name, ...Object.keys(connector.operations)]) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
      throw new TypeError(`"${name}" is not a usable name: a connector and its operations are named in camelCase.`);
    }
  }
  for (const [name, { secrets }] of Object.entries(connector.operations))
    checkSecrets(`${connector.name}.${name}`, secrets);
  return connector;
}
