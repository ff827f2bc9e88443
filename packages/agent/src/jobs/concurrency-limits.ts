/**
 * How many executions run at once: of all jobs, of one handler, of one job, of one key. Counted in memory, for one
 * process runs a database; what does not find room waits in the database under the limit's name.
 */
import type { Job, ReadyExecution } from "@millrace/db";

/** A limit by name, and how many it lets run. */
interface Limit {
  name: string;
  places: number;
}

/** The places that an attempt has taken: whoever has them gives them back, once. */
export type Places = readonly string[];

export class ConcurrencyLimits {
  private readonly running = new Map<string, number>();
  private readonly held = new Set<Places>();
  /** How many places a limit has, of those that were found full. */
  private readonly sizes = new Map<string, number>();
  private readonly total: number;

  /** @param total how many executions run at once */
  constructor(total: number) {
    this.total = total;
  }

  /** How many more may run. */
  get free(): number {
    return Math.max(0, this.total - this.held.size);
  }

  /** Takes the places of an execution; gives instead the name of the first limit that has none. */
  take(ready: ReadyExecution, job: Job, handler: Limit): Places | string {
    const limits = limitsOf(ready, job, handler);
    for (const { name, places } of limits) {
      if ((this.running.get(name) ?? 0) < places) continue;
      this.sizes.set(name, places);
      return name;
    }
    for (const { name, places } of limits) {
      this.running.set(name, (this.running.get(name) ?? 0) + 1);
      if (this.sizes.has(name)) this.sizes.set(name, places);
    }
    const taken = limits.map(({ name }) => name);
    this.held.add(taken);
    return taken;
  }

  /** Gives places back; names the limits that have room again. */
  vacate(taken: Places): Places {
    if (!this.held.delete(taken)) return [];
    for (const name of taken) {
      const running = (this.running.get(name) ?? 1) - 1;
      if (running === 0) this.running.delete(name);
      else this.running.set(name, running);
    }
    return taken;
  }

  /** How many more may run of a limit that was found full. */
  roomOf(name: string): number {
    return Math.max(0, (this.sizes.get(name) ?? 0) - (this.running.get(name) ?? 0));
  }

  /** Nobody waits for it any more. */
  forget(name: string): void {
    this.sizes.delete(name);
  }
}

function limitsOf({ concurrencyKey }: ReadyExecution, job: Job, handler: Limit): Limit[] {
  const limits: Limit[] = [{ ...handler, name: `limit handler ${handler.name}` }];
  // Only a job that says so has two of its executions run at once.
  const ofJob = job.overlapPolicy === "allow" ? job.maxConcurrency : 1;
  if (ofJob !== null) limits.push({ name: `limit job ${job.id}`, places: ofJob });
  if (concurrencyKey !== null) {
    limits.push({ name: `limit key ${job.platformId} ${concurrencyKey}`, places: job.concurrencyKeyLimit ?? 1 });
  }
  return limits;
}
