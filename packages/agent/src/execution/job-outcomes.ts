/**
 * The ends of attempts. Those that are told at the same time are recorded in one transaction, as they are claimed in one.
 *
 * Invariants:
 * 1. An end that cannot be recorded keeps no other from being recorded.
 * 2. Who tells an end hears of its commit, not of that of another.
 */
import type { EndedAttempt, JobModel, Recorded } from "./job-model.ts";

interface Told {
  ended: EndedAttempt;
  resolve: (recorded: Recorded) => void;
  reject: (reason: unknown) => void;
}

export class JobOutcomes {
  private told: Told[] = [];
  private readonly model: Pick<JobModel, "recordOutcome" | "recordOutcomes">;

  constructor(model: Pick<JobModel, "recordOutcome" | "recordOutcomes">) {
    this.model = model;
  }

  /** Records how an attempt ended, and what follows for the execution and its job. */
  record(ended: EndedAttempt): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.told.push({ ended, resolve, reject });
      // Whoever comes before that transaction has begun is part of it.
      if (this.told.length === 1) void this.recordTold();
    });
  }

  private async recordTold(): Promise<void> {
    let block: Told[] = [];
    const takeTold = () => {
      block = this.told;
      this.told = [];
      return block.map(({ ended }) => ended);
    };
    try {
      const recorded = await this.model.recordOutcomes(takeTold);
      for (const [index, { resolve }] of block.entries()) {
        const own = recorded[index];
        // There is one for each.
        if (own) resolve(own);
      }
    } catch (error) {
      // A transaction that could not begin has taken none.
      if (block.length === 0) takeTold();
      await this.recordEach(block, error);
    }
  }

  /** One of them hinders the others, and nobody knows which. */
  private async recordEach(block: readonly Told[], error: unknown): Promise<void> {
    const [first, ...others] = block;
    if (others.length === 0) return first?.reject(error);
    await Promise.all(block.map(({ ended, resolve, reject }) => this.model.recordOutcome(ended).then(resolve, reject)));
  }
}
