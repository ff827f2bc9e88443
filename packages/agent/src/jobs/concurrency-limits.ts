/**
 * How many executions run at once: of all jobs, of one handler, of one job, of one key. Counted in memory, for one
 * process runs a database; what does not find room waits in the database under the limit's name.
 */
import type { Job, JobExecution, ReadyExecution } from "@millrace/db";

/** A limit by name, and how many it lets run. */
interface Limit {
  name: string;
  places: number;
}

/** What an execution takes a place of. */
type Places = readonly string[];

export class ConcurrencyLimits {
  private readonly running = new Map<string, number>();
  private readonly held = new Map<string, Places>();
  private readonly total: number;

  /** @param total how many executions run at once */
  constructor(total: number) {
    this.total = total;
  }

  /** How many run. */
  get size(): number {
    return this.held.size;
  }

  /** How many more may run. */
  get free(): number {
    return Math.max(0, this.total - this.held.size);
  }

  /** Takes the places of an execution; gives instead the name of the first limit that has none. */
  take(ready: ReadyExecution, job: Job, handler: Limit): string | null {
    const limits = limitsOf(ready, job, handler);
    for (const { name, places } of limits) if ((this.running.get(name) ?? 0) >= places) return name;
    const names = limits.map(({ name }) => name);
    for (const name of names) this.running.set(name, (this.running.get(name) ?? 0) + 1);
    this.held.set(ready.id, names);
    return null;
  }

  /** Gives the places back; names the limits that have room again. */
  vacate(id: JobExecution["id"]): Places {
    const names = this.held.get(id) ?? [];
    for (const name of names) {
      const running = (this.running.get(name) ?? 1) - 1;
      if (running === 0) this.running.delete(name);
      else this.running.set(name, running);
    }
    this.held.delete(id);
    return names;
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
