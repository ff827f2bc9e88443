/**
 * One action on all jobs that match a filter.
 *
 * Invariants:
 * 1. What matches is read before anything is done, so that the action can't change what it is about.
 * 2. Every job that matches is changed, or refused with the reason. What nobody expected is a refusal too: what was done
 *    before it stays done, and the caller is told of all of it.
 */
import type { Job, JobFilter, Scheduler } from "@millrace/agent";
import { kindOf } from "../problem.ts";

export type BulkAction = "pause" | "resume" | "cancel" | "run" | "skip_next";

/** Which jobs are meant; without any part all of them. */
export interface BulkJobFilter {
  statuses?: JobFilter["statuses"];
  types?: JobFilter["types"];
  handler?: string | undefined;
  tag?: string | undefined;
  /** A piece of the name, the id or the payload. */
  text?: string | undefined;
}

export interface BulkJobRequest {
  action: BulkAction;
  filter: BulkJobFilter;
  /** Only says what the action would be about. */
  dryRun: boolean;
  by: string;
}

export interface BulkJobResult {
  matched: number;
  changed: number;
  refused: { id: string; name: string; reason: string }[];
  /** Some of those that match. */
  examples: Job[];
  /** Whether more match than one action takes. */
  truncated: boolean;
}

const MOST_JOBS = 1_000;
const EXAMPLES = 5;
/** So many share a commit. */
const AT_ONCE = 20;

/** Acts on up to 1,000 jobs, the newest first. @throws InvalidJobError when the filter is not valid */
export async function actOnAllJobs(scheduler: Scheduler, request: BulkJobRequest): Promise<BulkJobResult> {
  const { filter, dryRun } = request;
  const { items, nextCursor } = await scheduler.listJobs({
    statuses: filter.statuses,
    types: filter.types,
    handler: filter.handler,
    tags: filter.tag === undefined ? undefined : [filter.tag],
    search: filter.text,
    limit: MOST_JOBS,
  });
  const found = { matched: items.length, examples: items.slice(0, EXAMPLES), truncated: nextCursor !== null };
  if (dryRun) return { ...found, changed: 0, refused: [] };
  const refused: BulkJobResult["refused"] = [];
  for (let index = 0; index < items.length; index += AT_ONCE) {
    const outcomes = await Promise.all(
      items.slice(index, index + AT_ONCE).map((job) => tryOn(scheduler, job, request)),
    );
    refused.push(...outcomes.filter((outcome) => outcome !== null));
  }
  return { ...found, changed: items.length - refused.length, refused };
}

/** Null where it was done. */
async function tryOn(
  scheduler: Scheduler,
  { id, name }: Job,
  { action, by }: BulkJobRequest,
): Promise<BulkJobResult["refused"][number] | null> {
  try {
    await act(scheduler, id, action, by);
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // What nobody expected may say more than a caller is to know.
    return { id, name, reason: kindOf(error) === "internal" ? `This was not expected: ${error.name}.` : error.message };
  }
}

function act(scheduler: Scheduler, id: string, action: BulkAction, by: string): Promise<unknown> {
  switch (action) {
    case "pause":
      return scheduler.pauseJob(id);
    case "resume":
      return scheduler.resumeJob(id);
    case "cancel":
      return scheduler.cancelJob(id);
    case "run":
      return scheduler.runJobNow(id, { by });
    case "skip_next":
      return scheduler.skipNextRun(id);
  }
}
