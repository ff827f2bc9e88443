/** Work that an earlier release left half done, and the code that goes on with it: for an engine of today. */
import { isDeepStrictEqual } from "node:util";
import {
  applied,
  createEngine,
  defineConnector,
  defineJobHandler,
  defineWorkflow,
  mutation,
  type Engine,
} from "@millrace/agent";
import { createStores, DEFAULT_PLATFORM_ID, type Database, type MutationId, type WorkflowId } from "@millrace/db";
import { z } from "zod";
import type { RowWriter } from "./row-writer.ts";

const PENDING_ORDERS = 5;
const AT = 1_700_000_000_000;

const order = z.object({ order: z.number() });

/** As the first release stored it. */
const STORED_CONFIG = JSON.stringify({
  topics: ["ordered"],
  producers: { poll: { publishes: ["ordered"], schedule: { type: "interval", value: "30d", timezone: "UTC" } } },
  consumers: { ship: { subscribe: ["ordered"], publishes: [], mutates: true, approval: false } },
});

/**
 * Two workflows of the same code: in `shop` orders are pending and a run had just begun; in `branch` a call was in
 * flight. With jobs (from version 2 on), one execution is ready and one was running.
 */
export function writePendingWork(writer: RowWriter, version: number): void {
  for (const workflow of ["shop", "branch"]) writeWorkflow(writer, workflow);
  for (let n = 0; n < PENDING_ORDERS; n += 1) writeOrder(writer, "shop", n, null);
  const run = { session_id: "shop-session", workflow_id: "shop", script_id: "shop-script" };
  writer.insert("handler_runs", { ...runOf("shop"), ...run, id: "shop-run", phase: "preparing" });
  writer.insert("handler_runs", {
    ...runOf("branch"),
    id: "branch-run",
    phase: "mutating",
    mutation_id: "branch-mutation",
    prepare_result: JSON.stringify({
      reservations: [{ topic: "ordered", ids: ["branch-event-0"] }],
      data: { order: 0 },
    }),
  });
  writeOrder(writer, "branch", 0, "branch-run");
  writer.insert("run_events", { run_id: "branch-run", event_id: "branch-event-0", attempt_number: 1 });
  writer.insert("mutations", {
    id: "branch-mutation",
    handler_run_id: "branch-run",
    workflow_id: "branch",
    connector: "carrier",
    operation: "deliver",
    params: JSON.stringify({ order: 0 }),
    idempotency_key: "branch-key",
    title: "deliver",
    status: "in_flight",
    sent_at: AT,
    reconcile_attempts: 0,
    not_applied_count: 0,
    created_at: AT,
    updated_at: AT,
  });
  if (version >= 2) for (const status of ["pending", "running"]) writeExecution(writer, status);
}

function writeWorkflow(writer: RowWriter, workflow: string): void {
  const times = { created_at: AT, updated_at: AT };
  writer.insert("workflows", {
    id: workflow,
    platform_id: DEFAULT_PLATFORM_ID,
    name: workflow,
    status: "active",
    maintenance: 0,
    handler_config: STORED_CONFIG,
    config_version: 1,
    active_script_id: `${workflow}-script`,
    ...times,
  });
  writer.insert("scripts", {
    id: `${workflow}-script`,
    workflow_id: workflow,
    major: 1,
    minor: 0,
    source: "{}",
    digest: "an earlier version",
    origin: "deploy",
    created_at: AT,
  });
  writer.insert("sessions", {
    id: `${workflow}-session`,
    workflow_id: workflow,
    trigger: "event",
    handler_run_count: 0,
    started_at: AT,
  });
  writer.insert("topics", { id: `${workflow}-topic`, workflow_id: workflow, name: "ordered", created_at: AT });
}

function writeOrder(writer: RowWriter, workflow: string, n: number, reservedBy: string | null): void {
  const times = { created_at: AT + n, updated_at: AT + n };
  writer.insert("inputs", {
    id: `${workflow}-input-${n}`,
    workflow_id: workflow,
    source: "shop",
    type: "order",
    external_id: `${n}`,
    title: `Order ${n}`,
    status: "active",
    ...times,
  });
  writer.insert("events", {
    id: `${workflow}-event-${n}`,
    topic_id: `${workflow}-topic`,
    workflow_id: workflow,
    message_id: `order-${n}`,
    payload: JSON.stringify({ order: n }),
    status: reservedBy === null ? "pending" : "reserved",
    reserved_by_run_id: reservedBy,
    attempt_number: 1,
    ...times,
  });
  writer.insert("event_inputs", { event_id: `${workflow}-event-${n}`, input_id: `${workflow}-input-${n}` });
}

const runOf = (workflow: string) => ({
  session_id: `${workflow}-session`,
  workflow_id: workflow,
  script_id: `${workflow}-script`,
  handler_type: "consumer",
  handler_name: "ship",
  trigger: "event",
  status: "active",
  attempt: 1,
  transient_failures: 0,
  started_at: AT,
});

function writeExecution(writer: RowWriter, status: string): void {
  const id = `tidy-${status}`;
  const times = { created_at: AT, updated_at: AT };
  writer.insert("scheduled_jobs", {
    id,
    platform_id: DEFAULT_PLATFORM_ID,
    name: id,
    type: "one_time",
    status: "active",
    version: 1,
    digest: "d",
    schedule_digest: "s",
    timezone: "UTC",
    dst_gap: "shift",
    dst_overlap: "first",
    interval_mode: "fixed_rate",
    run_at: AT,
    jitter_ms: 0,
    handler_type: "function",
    handler_name: "tidy",
    max_retries: 3,
    retry_delay_ms: 0,
    timeout_ms: 60_000,
    priority: 0,
    delivery: "at_least_once",
    overlap_policy: "skip",
    misfire_policy: "latest",
    misfire_grace_ms: 0,
    misfire_window_ms: 0,
    misfire_limit: 10,
    catch_up: 0,
    keep_last: 10,
    tags: "[]",
    run_count: 1,
    execution_count: 0,
    success_count: 0,
    failure_count: 0,
    consecutive_failures: 0,
    total_duration_ms: 0,
    ...times,
  });
  writer.insert("job_executions", {
    id: `${id}-execution`,
    job_id: id,
    platform_id: DEFAULT_PLATFORM_ID,
    job_version: 1,
    handler_name: "tidy",
    origin: "schedule",
    scheduled_at: AT,
    occurrence: "",
    due_at: AT,
    rank: AT,
    status,
    idempotency_key: id,
    attempt: status === "running" ? 1 : 0,
    retry_count: 0,
    lease_token: 1,
    lease_expires_at: status === "running" ? AT : null,
    unsettled: 0,
    missed_count: 0,
    ...times,
  });
}

/** What an engine did with the world outside. */
interface Done {
  /** Orders that were delivered, and those that were asked about. */
  delivered: number[];
  askedAbout: number[];
  /** Jobs that ran. */
  tidied: string[];
}

/** An engine with the code of what is pending; other workflows and jobs in the database have no code. */
function createEngineForIt(database: Database): { engine: Engine; done: Done } {
  const done: Done = { delivered: [], askedAbout: [], tidied: [] };
  const carrier = defineConnector({
    name: "carrier",
    operations: {
      deliver: mutation({
        params: order,
        async execute({ order: number }) {
          done.delivered.push(number);
          return { order: number };
        },
        async reconcile({ order: number }) {
          done.askedAbout.push(number);
          return applied({ order: number });
        },
      }),
    },
  });
  const workflows = ["shop", "branch"].map((name) =>
    defineWorkflow({
      name,
      topics: { ordered: order },
      connectors: { carrier },
      consumers: (consumer) => ({
        ship: consumer({
          subscribe: ["ordered"],
          async prepare(ctx) {
            const [event] = await ctx.peek("ordered", { limit: 1 });
            return {
              reservations: event ? [{ topic: "ordered", ids: [event.id] }] : [],
              data: event?.payload ?? null,
            };
          },
          async mutate(ctx, { data }) {
            if (!data) return;
            return ctx.carrier.deliver(data);
          },
          async next() {},
        }),
      }),
    }),
  );
  const tidy = defineJobHandler({ name: "tidy", handler: (_payload, { jobName }) => void done.tidied.push(jobName) });
  return { engine: createEngine({ database, workflows, jobHandlers: [tidy] }), done };
}

/** Lets an engine go on with it, and gives what is then left undone, lost or done twice; nothing when all is well. */
export async function findUndone(database: Database, version: number): Promise<string[]> {
  const { engine, done } = createEngineForIt(database);
  const recovered = await engine.start();
  await engine.whenIdle();
  const { events, handlerRuns, mutations } = createStores(database);
  const open = [];
  for (const workflow of ["shop", "branch"]) {
    // They are the ids that were written.
    const found = await events.list({ workflowId: workflow as WorkflowId, limit: 100 });
    open.push(
      ...found.filter(({ status }) => status !== "consumed").map(({ messageId }) => `${workflow} ${messageId}`),
    );
  }
  const active = await handlerRuns.listActive();
  const { status } = await mutations.get("branch-mutation" as MutationId);
  await engine.stop();
  const expected = {
    done: {
      delivered: Array.from({ length: PENDING_ORDERS }, (_, n) => n),
      askedAbout: [0],
      tidied: version >= 2 ? ["tidy-pending", "tidy-running"] : [],
    },
    open: [],
    active: [],
    status: "applied",
    foundSomething: true,
  };
  const actual = {
    done: { ...done, tidied: done.tidied.toSorted((a, b) => a.localeCompare(b)) },
    open,
    active,
    status,
    foundSomething: recovered.crashedRuns > 0 && recovered.uncertainMutations > 0,
  };
  return isDeepStrictEqual(actual, expected) ? [] : [JSON.stringify(actual)];
}
