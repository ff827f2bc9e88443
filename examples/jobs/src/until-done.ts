/** Says when there is nothing more to wait for. A cron job never ends, so of it one more backup is enough. */
import type { Engine, Job } from "@millrace/agent";
import type { JobName } from "./jobs.ts";

/** Resolves when the bounded work is over, and a backup has ended since the jobs were scheduled. */
export async function untilDone(engine: Engine, scheduled: Record<JobName, Job>): Promise<void> {
  for (;;) {
    const changed = nextChange(engine);
    if (await isDone(engine, scheduled)) return;
    await changed;
  }
}

async function isDone({ jobs }: Engine, scheduled: Record<JobName, Job>): Promise<boolean> {
  const { backup, restoreDrill, samples, receipts } = scheduled;
  for (const { id } of [restoreDrill, samples]) if (!isOver(await jobs.getJob(id))) return false;
  const open = await jobs.getJobHistory(receipts.id, { statuses: ["pending", "running"], limit: 1 });
  if (open.items.length > 0) return false;
  return (await jobs.getJob(backup.id)).executionCount > backup.executionCount;
}

export function isOver({ status }: Job): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** Resolves when an execution or a job changes. */
function nextChange(engine: Engine): Promise<void> {
  return new Promise((resolve) => {
    const removers = [engine.on("execution:changed", () => settle()), engine.on("job:changed", () => settle())];
    const settle = () => {
      for (const remove of removers) remove();
      resolve();
    };
  });
}
