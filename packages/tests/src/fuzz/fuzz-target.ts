/** What is fuzzed, and how a run of it is counted and replayed. */
import * as fc from "fast-check";

/** What came of the inputs of a target; a fault is thrown, with its replay. */
export interface Tally {
  inputs: number;
  /** Those that were refused with a named error, and left nothing behind. */
  refused: number;
  accepted: number;
}

export interface FuzzOptions {
  seed: number;
  /** How many inputs are tried, roughly: a target may need a few more to try each of its parts. */
  runs: number;
  /** How many the whole target was asked for, where these are a part of it. */
  total?: number;
}

/** What each of so many parts of a target is to try. */
export function split({ seed, runs, total = runs }: FuzzOptions, parts: number): FuzzOptions {
  return { seed, runs: Math.ceil(runs / parts), total };
}

export interface FuzzTarget {
  name: string;
  /** @throws FuzzFault */
  run(options: FuzzOptions): Promise<Tally>;
}

/** An input that was neither accepted nor refused as it should be. */
class FuzzFault extends Error {
  constructor(target: string, { seed, runs, total = runs }: FuzzOptions, cause: unknown) {
    const told = cause instanceof Error ? cause.message : String(cause);
    super(`${target}: ${told}\nReplay: pnpm fuzz ${target} --seed ${seed} --runs ${total}`, { cause });
    this.name = "FuzzFault";
  }
}

/** What one input came to. */
export type Verdict = "accepted" | "refused";

/** Tries inputs of an arbitrary; `tryOne` throws for one that is a fault, and the shrunk one is told. */
export async function fuzz<Input>(
  target: string,
  options: FuzzOptions,
  arbitrary: fc.Arbitrary<Input>,
  tryOne: (input: Input) => Verdict | Promise<Verdict>,
): Promise<Tally> {
  const tally: Tally = { inputs: 0, refused: 0, accepted: 0 };
  const property = fc.asyncProperty(arbitrary, async (input) => {
    const verdict = await tryOne(input);
    tally.inputs += 1;
    tally[verdict] += 1;
  });
  try {
    await fc.assert(property, { seed: options.seed, numRuns: options.runs });
  } catch (cause) {
    throw new FuzzFault(target, options, cause);
  }
  return tally;
}

export function addUp(tallies: readonly Tally[]): Tally {
  const sum: Tally = { inputs: 0, refused: 0, accepted: 0 };
  for (const { inputs, refused, accepted } of tallies) {
    sum.inputs += inputs;
    sum.refused += refused;
    sum.accepted += accepted;
  }
  return sum;
}
