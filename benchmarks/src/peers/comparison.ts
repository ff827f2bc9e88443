/** Runs the contestants in alternation: in each round each once, in a process of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../temporary-database.ts";
import { runProgram } from "./child-process.ts";
import { measurementLine, type Measurement } from "./contestant.ts";
import type { Contestant } from "./plan/contestant-entry.ts";
import { withServer } from "./servers.ts";

const RUN_TIMEOUT_MS = 10 * 60_000;
const PREPARATION_TIMEOUT_MS = 90 * 60_000;

/** What became of a contestant. */
export interface Outcome {
  /** Each round's figures; of those that failed, of the rounds before. */
  rounds: Measurement[];
  /** Why it was not run, or not to the end. */
  failure: string | null;
}

interface CompareOptions {
  rounds: number;
  /** Why the peers' packages are not there, null when they are. */
  unavailable: string | null;
  /** Ends what runs; what was started is stopped, and its files are removed. */
  signal: AbortSignal;
  /** Is told what happens, a line at a time. */
  say: (line: string) => void;
}

/** @throws AbortError when the signal says so; what a contestant throws is its outcome */
export async function compare(
  contestants: readonly Contestant[],
  { rounds, unavailable, signal, say }: CompareOptions,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>(
    contestants.map(({ name, packages }) => [name, { rounds: [], failure: packages.length > 0 ? unavailable : null }]),
  );
  const folder = mkdtempSync(join(tmpdir(), "millrace-peers-"));
  /** Who has failed is not run again. */
  const attempt = async (contestant: Contestant, what: string, work: () => Promise<Measurement>) => {
    const outcome = outcomes.get(contestant.name);
    if (!outcome || outcome.failure !== null) return;
    signal.throwIfAborted();
    try {
      say(`${what}  ${contestant.name}: ${describe(await work())}`);
    } catch (error) {
      signal.throwIfAborted();
      outcome.failure = messageOf(error);
      say(`${what}  ${contestant.name}: FAILED: ${outcome.failure}`);
    }
  };
  try {
    const prepared = new PreparedFolders(folder, signal);
    for (const contestant of contestants) {
      if (prepared.wants(contestant)) await attempt(contestant, "prepared", () => prepared.prepare(contestant));
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const contestant of contestants)
        await attempt(contestant, `round ${round}/${rounds}`, async () => {
          const measured = await measure(contestant, prepared, signal);
          outcomes.get(contestant.name)?.rounds.push(measured);
          return measured;
        });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return outcomes;
}

/** The median of each figure. */
export function mediansOf(rounds: readonly Measurement[]): Measurement {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const values = rounds.flatMap((round) => round[name] ?? []);
      return [name, rounded(median(values))];
    }),
  );
}

/** Rows that several contestants or rounds use are written once. */
class PreparedFolders {
  private readonly root: string;
  private readonly signal: AbortSignal;
  private readonly folders = new Map<string, string>();

  constructor(root: string, signal: AbortSignal) {
    this.root = root;
    this.signal = signal;
  }

  wants({ preparation }: Contestant): boolean {
    return preparation !== undefined && !this.folders.has(preparation.key);
  }

  async prepare({ preparation, program }: Contestant): Promise<Measurement> {
    if (!preparation) return {};
    const folder = mkdtempSync(join(this.root, `${preparation.key}-`));
    const measured = await runContestant(
      program,
      { ...preparation.options, folder },
      {
        timeoutMs: PREPARATION_TIMEOUT_MS,
        signal: this.signal,
      },
    );
    this.folders.set(preparation.key, folder);
    return measured;
  }

  folderOf({ preparation }: Contestant): string | undefined {
    return preparation && this.folders.get(preparation.key);
  }
}

async function measure(contestant: Contestant, prepared: PreparedFolders, signal: AbortSignal): Promise<Measurement> {
  const { program, options, server } = contestant;
  const run = async (address: string) => {
    const ready = prepared.folderOf(contestant);
    const folder = ready ?? mkdtempSync(join(tmpdir(), "millrace-contestant-"));
    try {
      return await runContestant(program, { ...options, folder, address }, { timeoutMs: RUN_TIMEOUT_MS, signal });
    } finally {
      if (ready === undefined) rmSync(folder, { recursive: true, force: true });
    }
  };
  return server ? withServer(server, run) : run("");
}

async function runContestant(
  program: string,
  options: object,
  bounds: { timeoutMs: number; signal: AbortSignal },
): Promise<Measurement> {
  const args = [...process.execArgv, "--max-old-space-size=8192", program, JSON.stringify(options)];
  const printed = await runProgram(process.execPath, args, bounds);
  // Libraries print what they like before.
  const line = printed.trimEnd().split("\n").at(-1) ?? "";
  return measurementLine.parse(JSON.parse(line)).measured;
}

/** What went wrong, in a line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1).join("");
}

function describe(measured: Measurement): string {
  return Object.entries(measured)
    .map(([name, value]) => `${name} ${rounded(value)}`)
    .join(", ");
}

function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
