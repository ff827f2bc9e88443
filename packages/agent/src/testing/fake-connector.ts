/** Connectors with scripted outcomes: the outside world of a test, which counts its effects. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  defineConnector,
  mutation,
  notApplied,
  applied,
  retryLater,
  inconclusive,
  type Connector,
  type MutationOperation,
} from "../connectors/define-connector.ts";
import { AuthError, LogicError, NetworkError, RateLimitError } from "../errors.ts";

/** What a call does. */
export type ScriptedOutcome =
  /** The effect happens and is answered. */
  | "ok"
  /** Refused for good: nothing happens. */
  | "definite-failure"
  /** The network fails before anything is sent: nothing happens. */
  | "failure-before-send"
  /** Too many requests: nothing happens. */
  | "rate-limit"
  /** The credentials are refused: nothing happens. */
  | "auth-failure"
  /** The effect happens, the answer is lost. */
  | "timeout-after-send"
  /** Nothing happens, and no answer comes: the caller can't tell. */
  | "timeout-without-effect"
  /** The effect happens; no answer ever comes. */
  | "hang-after-send"
  /** The connector breaks: nothing happens, but it does not say so. */
  | "crash";

/** What the world answers when it is asked whether an effect is there. */
export type ScriptedAnswer = "truth" | "not_applied" | "retry" | "inconclusive" | "garbage";

export interface Effect<Params> {
  params: Params;
  idempotencyKey: string;
}

export interface FakeMutationOptions<Input, Params, Result> {
  params: StandardSchemaV1<Input, Params>;
  /** What a call that happens gives. */
  result: (params: Params) => Result;
  settleMs?: number;
  approval?: "required";
  /** What is secret in its parameters and in its result. */
  secrets?: readonly string[];
  /** `false`: the operation can't be asked what became of it. */
  reconcile?: boolean;
}

/** An operation of the fake world, with what it was told to do and what it did. */
export interface FakeMutation<Input, Params, Result> {
  readonly operation: MutationOperation<Input, Params, Result>;
  /** Every effect that happened, in order. */
  readonly effects: Effect<Params>[];
  /** Every call that was made, in order. */
  readonly calls: Effect<Params>[];
  /** How often it was asked. */
  readonly questions: () => number;
  /** What the next calls do, one each; then `ok`. */
  script(...outcomes: ScriptedOutcome[]): void;
  /** What the next questions are answered, one each; then the truth. */
  answer(...answers: ScriptedAnswer[]): void;
}

export function fakeMutation<Input, Params, Result>(
  options: FakeMutationOptions<Input, Params, Result>,
): FakeMutation<Input, Params, Result> {
  const outcomes: ScriptedOutcome[] = [];
  const answers: ScriptedAnswer[] = [];
  const effects: Effect<Params>[] = [];
  const calls: Effect<Params>[] = [];
  let questions = 0;
  const happen = (effect: Effect<Params>) => {
    effects.push(effect);
    return options.result(effect.params);
  };
  const answer = (idempotencyKey: string): unknown => {
    questions += 1;
    const effect = effects.find((done) => done.idempotencyKey === idempotencyKey);
    switch (answers.shift() ?? "truth") {
      case "truth":
        return effect ? applied(options.result(effect.params)) : notApplied();
      case "not_applied":
        return notApplied();
      case "retry":
        return retryLater("scripted");
      case "inconclusive":
        return inconclusive("scripted");
      case "garbage":
        return { outcome: "perhaps" };
    }
  };
  const operation = mutation<Input, Params, Result>({
    params: options.params,
    async execute(params, { idempotencyKey }) {
      const effect = { params, idempotencyKey };
      calls.push(effect);
      return perform(outcomes.shift() ?? "ok", () => happen(effect));
    },
    // A scripted answer may be none at all, which is what a test wants to see refused.
    ...(options.reconcile === false
      ? {}
      : { reconcile: async (_params, key) => answer(key) as ReturnType<typeof notApplied> }),
    ...(options.settleMs === undefined ? {} : { settleMs: options.settleMs }),
    ...(options.approval && { approval: options.approval }),
    ...(options.secrets && { secrets: options.secrets }),
  });
  return {
    operation,
    effects,
    calls,
    questions: () => questions,
    script: (...next) => void outcomes.push(...next),
    answer: (...next) => void answers.push(...next),
  };
}

async function perform<Result>(outcome: ScriptedOutcome, happen: () => Result): Promise<Result> {
  switch (outcome) {
    case "ok":
      return happen();
    case "definite-failure":
      throw new LogicError("scripted: refused");
    case "failure-before-send":
      throw new NetworkError("scripted: connection refused", { effect: "none" });
    case "rate-limit":
      throw new RateLimitError("scripted: too many requests", { retryAfterMs: 60_000 });
    case "auth-failure":
      throw new AuthError("scripted: credentials refused");
    case "timeout-after-send":
      happen();
      throw new NetworkError("scripted: no answer");
    case "timeout-without-effect":
      throw new NetworkError("scripted: no answer");
    case "hang-after-send":
      happen();
      return new Promise<Result>(() => undefined);
    case "crash":
      throw new TypeError("scripted: the connector is broken");
  }
}

/** A connector of fake mutations. */
export function fakeConnector<const M extends Record<string, { operation: MutationOperation }>>(
  name: string,
  mutations: M,
): Connector<{ [K in keyof M]: M[K]["operation"] }> {
  const operations = Object.fromEntries(Object.entries(mutations).map(([key, { operation }]) => [key, operation]));
  // fromEntries forgets which key has which operation.
  return defineConnector({ name, operations: operations as { [K in keyof M]: M[K]["operation"] } });
}
