/** How notifications are found: the ways through the indexes of their table. */
import { sql, type SqlBool } from "kysely";
import type { JobId, NotificationId, PlatformId, WorkflowId } from "../ids.ts";
import type { NotificationKind } from "../statuses.ts";
import { equals, passes, when, type Condition, type PageFilter, type Walk } from "./paging.ts";
import { contains } from "./text-search.ts";

/** Times are those of their making; `text` is looked for in the message. */
export interface NotificationFilter extends PageFilter<NotificationId> {
  /** True for those that are open, false for those that are resolved. */
  open?: boolean;
  kinds?: readonly NotificationKind[];
  workflowId?: WorkflowId;
  jobId?: JobId;
  /** Only those about a mutation of this connector. */
  connector?: string;
}

export function walksOfNotifications(filter: NotificationFilter): Walk[] {
  const { open, kinds, workflowId, jobId, connector, platformId, text } = filter;
  const tests = [
    ...(open === false ? [sql<SqlBool>`resolved_at is not null`] : []),
    ...when(kinds, (all) => passes("kind", all)),
    ...when(connector, isAboutConnector),
    ...when(platformId, isOfPlatform),
    ...(text ? [contains(["message"], text)] : []),
  ];
  const walk = (along: Condition[], more: Condition[] = []): Walk[] => [
    { table: "notifications", time: "created_at", along, tests: [...more, ...tests] },
  ];
  const isOpen = open ? [sql<SqlBool>`resolved_at is null`] : [];
  if (jobId !== undefined) {
    const passesOpen = open ? [sql<SqlBool>`+resolved_at is null`] : [];
    return walk([equals("job_id", jobId)], [...passesOpen, ...when(workflowId, (id) => passes("workflow_id", [id]))]);
  }
  return walk([...isOpen, ...when(workflowId, (id) => equals("workflow_id", id))]);
}

const isAboutConnector = (connector: string): Condition =>
  sql<SqlBool>`exists (
    select 1 from mutations where mutations.id = notifications.mutation_id and mutations.connector = ${connector})`;

const isOfPlatform = (platformId: PlatformId): Condition =>
  sql<SqlBool>`(
    exists (select 1 from workflows where workflows.id = notifications.workflow_id and platform_id = ${platformId})
    or exists (select 1 from scheduled_jobs where scheduled_jobs.id = notifications.job_id and platform_id = ${platformId}))`;
