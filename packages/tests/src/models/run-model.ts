/** Runs a model: so many sequences of commands, each on a database of its own, until one disagrees. */
import * as fc from "fast-check";
import { sequences, type Modelled } from "./batches.ts";
import { openGround, type BreakStores } from "./ground.ts";
import { KnownIds } from "./known-ids.ts";
import type { ModelSpecification, OpenBase } from "./model-specification.ts";

export interface RunOptions {
  sequences: number;
  seed: number;
  /** Leads to one sequence of the seed, as a failure prints it. */
  path?: string | undefined;
  /** Which of its commands are run, as a failure prints it. */
  replayPath?: string | undefined;
  breakStores?: BreakStores;
  /** Whether a sequence that disagrees is made shorter. Default true. */
  shrink?: boolean;
}

export interface ModelResult {
  model: string;
  sequences: number;
  /** How many commands were run, those of shrinking included. */
  steps: number;
  /** What did not agree, with what replays it; null if all did. */
  disagreement: string | null;
}

/** A model whose state nobody else need know. */
export interface Model {
  name: string;
  run(options: RunOptions): Promise<ModelResult>;
}

/** A model of stores, or of whatever its specification opens. */
export function modelOf<State>(specification: ModelSpecification<State>): Model {
  return modelOn(specification, openGround);
}

export function modelOn<State, Base>(specification: ModelSpecification<State, Base>, open: OpenBase<Base>): Model {
  return { name: specification.name, run: (options) => runModel(specification, open, options) };
}

async function runModel<State, Base>(
  specification: ModelSpecification<State, Base>,
  open: OpenBase<Base>,
  { sequences: numRuns, seed, path, replayPath, breakStores, shrink = true }: RunOptions,
): Promise<ModelResult> {
  let steps = 0;
  const { name, compare, modes, comparesAlways, maxBatches } = specification;
  const drawn = sequences(specification.steps, compare, { modes, comparesAlways, maxBatches, replayPath });
  const property = fc.asyncProperty(drawn, async (commands) => {
    const { real, base } = await open(breakStores);
    const known = new KnownIds();
    const model: Modelled<State> = { state: specification.begin(base, known), known, steps: 0 };
    try {
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await compare(real, model.state);
    } finally {
      steps += model.steps;
      await real.database.close();
    }
  });
  const details = await fc.check(property, {
    numRuns,
    seed,
    endOnFailure: !shrink,
    ...(path !== undefined && { path }),
  });
  const disagreement = details.failed ? describe(name, details) : null;
  return { model: name, sequences: details.numRuns, steps, disagreement };
}

function describe<Drawn>(name: string, details: fc.RunDetails<Drawn>): string {
  const { seed, counterexamplePath, counterexample, errorInstance } = details;
  const commands = fc.stringify(counterexample);
  const [, replayPath] = /replayPath=("[^"]*")/.exec(commands) ?? [];
  const more = replayPath === undefined ? "" : ` --replay-path ${replayPath}`;
  return [
    `The model of ${name} disagrees.`,
    `Replay: --model "${name}" --seed ${seed} --path "${counterexamplePath ?? ""}"${more}`,
    `Commands: ${commands}`,
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance),
  ].join("\n");
}
