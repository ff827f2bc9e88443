/**
 * How commands are run: each alone, in one transaction that commits or rolls back, in a savepoint that rolls back, or
 * several at once. The model takes each result as it comes and says whether it is right.
 *
 * Invariants:
 * 1. What is asked for at the same time is done one after another, in the order in which it was asked for.
 * 2. What rolls back leaves the model as it was; the ids that it made stay known, as names of nothing.
 */
import { deepStrictEqual } from "node:assert/strict";
import type { SqliteDatabase, Stores, Transaction } from "@millrace/db";
import * as fc from "fast-check";
import type { KnownIds } from "./known-ids.ts";
import type { Verbs } from "./verbs.ts";

/** What the commands act on. */
export interface Real {
  database: SqliteDatabase;
  stores: Stores;
  /** Only where an engine is modelled. */
  verbs?: Verbs;
}

/** What a model says that a command must come to. */
export type Expectation =
  | { kind: "throws"; error: string; like: Record<string, unknown> }
  | { kind: "gives"; value: unknown }
  /** Takes what came (a new id), and gives what should have come. */
  | { kind: "learns"; take: (value: never) => unknown };

export const throws = (error: string, like: Record<string, unknown> = {}): Expectation => ({
  kind: "throws",
  error,
  like,
});
export const gives = (value: unknown): Expectation => ({ kind: "gives", value });
export const learns = <Value>(take: (value: Value) => unknown): Expectation => ({ kind: "learns", take });

/** A command whose ids are chosen. */
export interface BoundStep {
  perform(real: Real, tx?: Transaction): Promise<unknown>;
  /** Changes the model as the command should have changed the store, and says what it should have given. */
  settle(): Expectation;
}

export interface Step<State> {
  title: string;
  /** `read`: changes nothing. `reads`: several queries, between which others may come. */
  kind: "write" | "read" | "reads";
  bind(model: Modelled<State>): BoundStep;
}

/** What a model knows. */
export interface Modelled<State> {
  state: State;
  known: KnownIds;
  /** How many commands were run. */
  steps: number;
}

/** Commands of which some come rarely: those after which there is less to command. */
export function oftenAndRarely<State>(
  often: readonly fc.Arbitrary<Step<State>>[],
  rarely: readonly fc.Arbitrary<Step<State>>[],
): fc.Arbitrary<Step<State>> {
  return fc.oneof(
    ...often.map((arbitrary) => ({ weight: 8, arbitrary })),
    ...rarely.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

/** Describes the commands of a model by what each is drawn from. */
export function stepsOf<State>() {
  return <Drawn>(
    title: string,
    kind: Step<State>["kind"],
    drawn: fc.Arbitrary<Drawn>,
    bind: (drawn: Drawn, model: Modelled<State>) => BoundStep,
  ): fc.Arbitrary<Step<State>> =>
    drawn.map((values) => ({
      title: `${title} ${fc.stringify(values)}`,
      kind,
      bind: (model) => bind(values, model),
    }));
}

export const MODES = [
  "alone",
  "in one transaction",
  "in a transaction that rolls back",
  "in a savepoint that rolls back",
  "at once",
  "at once in one transaction",
  "beside a transaction that rolls back",
] as const;
export type Mode = (typeof MODES)[number];

class RolledBack extends Error {}

/** A result that is not what the model says. */
class Disagreement extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "Disagreement";
  }
}

type Compare<State> = (real: Real, state: State) => Promise<void>;

class Batch<State> implements fc.AsyncCommand<Modelled<State>, Real> {
  private readonly mode: Mode;
  private readonly steps: readonly Step<State>[];

  private readonly compare: Compare<State> | null;

  constructor(mode: Mode, steps: readonly Step<State>[], compare: Compare<State> | null) {
    this.mode = mode;
    this.steps = steps;
    this.compare = compare;
  }

  check(): boolean {
    return true;
  }

  async run(model: Modelled<State>, real: Real): Promise<void> {
    await this.perform(model, real);
    await this.compare?.(real, model.state);
  }

  private async perform(model: Modelled<State>, real: Real): Promise<void> {
    const { database } = real;
    const half = Math.ceil(this.steps.length / 2);
    const [first, second] = [this.steps.slice(0, half), this.steps.slice(half)];
    switch (this.mode) {
      case "alone":
        return inOrder(model, real, this.steps);
      case "in one transaction":
        return database.transaction((tx) => inOrder(model, real, this.steps, tx));
      case "in a transaction that rolls back":
        return rollBack(model, real, this.steps);
      case "in a savepoint that rolls back":
        return database.transaction(async (tx) => {
          await inOrder(model, real, first, tx);
          await rollBack(model, real, second, tx);
          await inOrder(model, real, first, tx);
        });
      case "at once":
        return atOnce(
          model,
          real,
          this.steps.filter(({ kind }) => kind !== "reads"),
        );
      case "at once in one transaction":
        return database.transaction((tx) =>
          // Reads inside a transaction take no turn.
          atOnce(
            model,
            real,
            this.steps.filter(({ kind }) => kind === "write"),
            tx,
          ),
        );
      case "beside a transaction that rolls back":
        await settleAll([rollBack(model, real, first), database.transaction((tx) => inOrder(model, real, second, tx))]);
    }
  }

  toString(): string {
    return `${this.mode}: ${this.steps.map(({ title }) => title).join("; ")}`;
  }
}

/** Compares all rows in the middle. */
class Look<State> implements fc.AsyncCommand<Modelled<State>, Real> {
  private readonly compare: Compare<State>;

  constructor(compare: Compare<State>) {
    this.compare = compare;
  }

  check(): boolean {
    return true;
  }

  run({ state }: Modelled<State>, real: Real): Promise<void> {
    return this.compare(real, state);
  }

  toString(): string {
    return "compare all rows";
  }
}

interface SequenceOptions {
  modes?: readonly Mode[] | undefined;
  comparesAlways?: boolean | undefined;
  maxBatches?: number | undefined;
  replayPath?: string | undefined;
}

/** Sequences of batches, with looks at all rows between them. */
export function sequences<State>(
  steps: fc.Arbitrary<Step<State>>,
  compare: Compare<State>,
  { modes = MODES, comparesAlways = false, maxBatches = 20, replayPath }: SequenceOptions,
) {
  const batch = fc
    .tuple(fc.constantFrom(...modes), fc.array(steps, { minLength: 1, maxLength: 6 }))
    .map(([mode, drawn]) => new Batch(mode, drawn, comparesAlways ? compare : null));
  const look = fc.constant(null).map(() => new Look(compare));
  return fc.commands([batch, batch, batch, batch, look], {
    maxCommands: maxBatches,
    size: "max",
    ...(replayPath !== undefined && { replayPath }),
  });
}

async function inOrder<State>(
  model: Modelled<State>,
  real: Real,
  steps: readonly Step<State>[],
  tx?: Transaction,
): Promise<void> {
  for (const step of steps) {
    const bound = step.bind(model);
    settle(model, step, bound, await outcomeOf(() => bound.perform(real, tx)));
  }
}

async function atOnce<State>(
  model: Modelled<State>,
  real: Real,
  steps: readonly Step<State>[],
  tx?: Transaction,
): Promise<void> {
  const bound = steps.map((step) => ({ step, own: step.bind(model) }));
  const outcomes = await Promise.all(bound.map(({ own }) => outcomeOf(() => own.perform(real, tx))));
  for (const [index, { step, own }] of bound.entries()) {
    const outcome = outcomes[index];
    if (outcome) settle(model, step, own, outcome);
  }
}

async function rollBack<State>(
  model: Modelled<State>,
  { database, ...rest }: Real,
  steps: readonly Step<State>[],
  tx?: Transaction,
): Promise<void> {
  try {
    await database.transaction(async (inner) => {
      const before = structuredClone(model.state);
      await inOrder(model, { database, ...rest }, steps, inner);
      model.state = before;
      throw new RolledBack();
    }, tx);
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}

async function settleAll(parts: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(parts)).find((part) => part.status === "rejected");
  if (failed) throw failed.reason;
}

type Outcome = { value: unknown } | { error: unknown };

/** What a call comes to, also one that throws before it gives a promise. */
async function outcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

function settle<State>(model: Modelled<State>, step: Step<State>, bound: BoundStep, outcome: Outcome): void {
  model.steps += 1;
  try {
    judge(bound.settle(), outcome);
  } catch (error) {
    throw new Disagreement(step.title, error);
  }
}

/** @throws AssertionError where the outcome is not the expected one */
function judge(expected: Expectation, outcome: Outcome): void {
  if (expected.kind === "throws") {
    if (!("error" in outcome))
      throw new Error(`it should throw ${expected.error}, but gave ${fc.stringify(outcome.value)}`);
    const { error } = outcome;
    const found = error instanceof Error ? error.name : String(error);
    if (found !== expected.error)
      throw new Error(`it should throw ${expected.error}, but threw ${found}`, { cause: error });
    const fields = Object.keys(expected.like).map((field) => [field, Reflect.get(Object(error), field) as unknown]);
    deepStrictEqual(Object.fromEntries(fields), expected.like);
    return;
  }
  if ("error" in outcome) throw outcome.error;
  // A learning expectation takes what its own command gives.
  const value = expected.kind === "gives" ? expected.value : expected.take(outcome.value as never);
  deepStrictEqual(outcome.value, value);
}
