/** The versions of a workflow, and what was decided about the ticks of its producers. */
import type { ScheduleDecision, VersionRow, Workflow } from "@millrace/db";
import { UnknownNameError } from "../errors.ts";
import type { Inspected } from "./inspected.ts";
import { ownWorkflow } from "./ownership.ts";

export interface VersionView {
  /** For example `1.2`. */
  version: string;
  /** Whether it is the one that runs. */
  active: boolean;
  digest: string;
  origin: string;
  /** Unix milliseconds. */
  createdAt: number;
}

export type DecisionView = Omit<ScheduleDecision, "jobId" | "workflowId" | "producerName">;

const MOST = 200;

/** The versions of a workflow, newest first; at most 200. @throws UnknownNameError */
export async function listVersions(inspected: Inspected, workflowName: string): Promise<VersionView[]> {
  const workflow = await ownWorkflow(inspected, workflowName);
  const rows = await inspected.stores.details.versionsOf(workflow.id, MOST);
  return rows.map((row) => viewVersion(row, workflow));
}

/** @param version for example `1.2` @throws UnknownNameError */
export async function showVersion(
  inspected: Inspected,
  workflowName: string,
  version: string,
): Promise<VersionView & { source: string }> {
  const workflow = await ownWorkflow(inspected, workflowName);
  const [major = Number.NaN, minor = Number.NaN] = version.split(".").map(Number);
  const row = await inspected.stores.details.findVersion(workflow.id, { major, minor });
  if (!row) throw new UnknownNameError(`version of workflow "${workflowName}"`, version);
  return { ...viewVersion(row, workflow), source: row.source };
}

/** The newest decisions about the ticks of a producer, the latest first; at most 200. @throws UnknownNameError */
export async function listDecisions(
  inspected: Inspected,
  workflowName: string,
  producerName: string,
): Promise<DecisionView[]> {
  const workflow = await ownWorkflow(inspected, workflowName);
  const decisions = await inspected.stores.scheduleDecisions.list({
    workflowId: workflow.id,
    producerName,
    limit: MOST,
  });
  // A producer that was removed still has its history.
  const { producers } = inspected.configs.get(workflow);
  if (decisions.length === 0 && !Object.hasOwn(producers, producerName))
    throw new UnknownNameError("producer", producerName, Object.keys(producers));
  return decisions.map(({ jobId: _jobId, workflowId: _workflowId, producerName: _producerName, ...rest }) => rest);
}

function viewVersion({ id, major, minor, digest, origin, created_at }: VersionRow, workflow: Workflow): VersionView {
  const active = workflow.activeScriptId === id;
  return { version: `${major}.${minor}`, active, digest, origin, createdAt: created_at };
}
