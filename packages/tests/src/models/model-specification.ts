/** What makes a model: the commands, the state before the first one, and how all rows are compared. */
import type * as fc from "fast-check";
import type { Mode, Modelled, Real, Step } from "./batches.ts";
import type { BreakStores, Ground } from "./ground.ts";

export interface ModelSpecification<State, Base = Ground> {
  name: string;
  steps: fc.Arbitrary<Step<State>>;
  /** In which ways several commands are run. Default: in all. */
  modes?: readonly Mode[];
  /** How many times commands are run at the most. Default 20. */
  maxBatches?: number;
  /** Whether all rows are compared after each command too. */
  comparesAlways?: boolean;
  /** The state of what is there before the first command; its ids are learnt. */
  begin(base: Base, known: Modelled<State>["known"]): State;
  /** @throws AssertionError where a row is not as the model has it */
  compare(real: Real, state: State): Promise<void>;
}

/** Opens a database with what is there before the first command. */
export type OpenBase<Base> = (breakStores?: BreakStores) => Promise<{ real: Real; base: Base }>;
