/**
 * Every transaction of the execution model and the job scheduler, by name: what a crash can fall before, into or after.
 * The proof that each of them survives that counts by these names (specs/done/proof.md).
 */
export const TRANSACTION_NAMES = [
  "event.publish",
  "execution.appendLogs",
  "execution.leaveUnsettled",
  "execution.recordOutcome",
  "execution.renewLeases",
  "execution.requestCancel",
  "input.skip",
  "job.backfill",
  "job.cancel",
  "job.look",
  "job.pause",
  "job.redrive",
  "job.remove",
  "job.resume",
  "job.runNow",
  "job.save",
  "job.skipNext",
  "job.triggerEvent",
  "mutation.approve",
  "mutation.recordAnswer",
  "mutation.recordLateOutcome",
  "mutation.recordOutcome",
  "mutation.requestApproval",
  "mutation.resolve",
  "mutation.start",
  "mutation.startApproved",
  "notice.settle",
  "notice.tell",
  "recovery.endSessions",
  "recovery.failExecution",
  "recovery.readJob",
  "recovery.run",
  "run.abort",
  "run.beginEmitting",
  "run.commitConsumer",
  "run.commitProducer",
  "run.emitAndCommit",
  "run.fail",
  "run.giveUp",
  "run.recordPrepared",
  "run.replay",
  "run.retry",
  "run.start",
  "session.end",
  "workflow.deploy",
  "workflow.setStatus",
] as const;

export type TransactionName = (typeof TRANSACTION_NAMES)[number];

/**
 * Those that need not wait for the disk (DESIGN section 8): no request is sent and nobody is answered on the strength of them
 * alone, and what a power cut takes of them is merely done again. What follows them and does wait takes them along.
 */
const REPLAYED: ReadonlySet<TransactionName> = new Set(["run.start", "run.recordPrepared", "run.beginEmitting"]);

/** Whether a transaction is over only when it has reached the disk. */
export const awaitsDisk = (name: TransactionName): boolean => !REPLAYED.has(name);
