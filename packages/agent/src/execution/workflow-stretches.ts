/** All workflows, a stretch at a time: at a start there may be very many. */
import type { NextWorkflows, WorkflowId, WorkflowStretch } from "@millrace/db";

/** So many workflows are read at once: few enough that what was read of them is gone when they are done. */
const WORKFLOWS_AT_ONCE = 100;

/** What was read of some workflows, and which those are. */
export interface ReadStretch<Row> {
  rows: readonly Row[];
  stretch: WorkflowStretch;
}

/**
 * Goes through what there is of all workflows, by their ids.
 * @param read gives the next rows, one of each workflow
 */
export async function* stretchesOf<Row>(
  read: (next: NextWorkflows) => Promise<readonly Row[]>,
  workflowOf: (row: Row) => WorkflowId,
): AsyncGenerator<ReadStretch<Row>> {
  let after: WorkflowId | null = null;
  for (;;) {
    const rows: readonly Row[] = await read({ after, limit: WORKFLOWS_AT_ONCE });
    const last = rows.at(-1);
    if (last === undefined) return;
    const until = workflowOf(last);
    yield { rows, stretch: { after, until } };
    after = until;
  }
}
