/** When each producer is due next. */
import type { Selectable } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import type { ProducerScheduleId, WorkflowId } from "../ids.ts";
import type { ProducerScheduleTable } from "../schema.ts";
import type { DstGap, DstOverlap } from "../job-statuses.ts";
import type { ScheduleType } from "../statuses.ts";
import { chunk } from "./chunk.ts";
import { startOf, type WorkflowStretch } from "./workflow-stretch.ts";

export interface ProducerSchedule {
  id: ProducerScheduleId;
  workflowId: WorkflowId;
  producerName: string;
  scheduleType: ScheduleType;
  /** A duration such as `5m`, or a cron expression. */
  scheduleValue: string;
  timezone: string;
  dstGap: DstGap;
  dstOverlap: DstOverlap;
  nextRunAt: number;
  lastRunAt: number | null;
}

/** When a producer is due. */
export type DueTime = Pick<ProducerSchedule, "workflowId" | "producerName" | "nextRunAt">;

export type NewProducerSchedule = Omit<ProducerSchedule, "id" | "lastRunAt">;

function toProducerSchedule(row: Selectable<ProducerScheduleTable>): ProducerSchedule {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    producerName: row.producer_name,
    scheduleType: row.schedule_type,
    scheduleValue: row.schedule_value,
    timezone: row.timezone,
    dstGap: row.dst_gap,
    dstOverlap: row.dst_overlap,
    nextRunAt: row.next_run_at,
    lastRunAt: row.last_run_at,
  };
}

type StretchArguments = { after: WorkflowId; until: WorkflowId };

const ofStretch = prepareQuery<StretchArguments>()((queries, argument) =>
  queries
    .selectFrom("producer_schedules")
    .selectAll()
    .where("workflow_id", ">", argument("after"))
    .where("workflow_id", "<=", argument("until"))
    .orderBy("workflow_id")
    .orderBy("producer_name"),
);

const dueTimes = prepareQuery<StretchArguments>()((queries, argument) =>
  queries
    .selectFrom("producer_schedules")
    .select(["workflow_id as workflowId", "producer_name as producerName", "next_run_at as nextRunAt"])
    .where("workflow_id", ">", argument("after"))
    .where("workflow_id", "<=", argument("until"))
    .orderBy("workflow_id")
    .orderBy("producer_name"),
);

export class ProducerScheduleStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Creates the schedule of a producer, or replaces it by (workflow, producer). */
  async save(schedule: NewProducerSchedule, tx?: Transaction): Promise<ProducerSchedule> {
    const values = {
      schedule_type: schedule.scheduleType,
      schedule_value: schedule.scheduleValue,
      timezone: schedule.timezone,
      dst_gap: schedule.dstGap,
      dst_overlap: schedule.dstOverlap,
      next_run_at: schedule.nextRunAt,
    };
    const row = await this.database.write(
      ({ executor }) =>
        executor
          .insertInto("producer_schedules")
          .values({
            ...values,
            id: this.database.newId<ProducerScheduleId>(),
            workflow_id: schedule.workflowId,
            producer_name: schedule.producerName,
            last_run_at: null,
          })
          .onConflict((conflict) => conflict.columns(["workflow_id", "producer_name"]).doUpdateSet(values))
          .returningAll()
          .executeTakeFirstOrThrow(),
      tx,
    );
    return toProducerSchedule(row);
  }

  /** The schedules of these workflows, by producer. */
  async listForWorkflows(workflowIds: readonly WorkflowId[], tx?: Transaction): Promise<ProducerSchedule[]> {
    const schedules: ProducerSchedule[] = [];
    for (const ids of chunk(workflowIds)) {
      const rows = await this.database.read(
        (executor) =>
          executor
            .selectFrom("producer_schedules")
            .selectAll()
            .where("workflow_id", "in", ids)
            .orderBy("workflow_id")
            .orderBy("producer_name")
            .execute(),
        tx,
      );
      schedules.push(...rows.map(toProducerSchedule));
    }
    return schedules;
  }

  /** A workflow's schedules, by producer. */
  async getForWorkflow(workflowId: WorkflowId, tx?: Transaction): Promise<ProducerSchedule[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("producer_schedules")
          .selectAll()
          .where("workflow_id", "=", workflowId)
          .orderBy("producer_name")
          .execute(),
      tx,
    );
    return rows.map(toProducerSchedule);
  }

  /** Schedules that are due, soonest first. */
  async getDue(now: number, tx?: Transaction): Promise<ProducerSchedule[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("producer_schedules")
          .selectAll()
          .where("next_run_at", "<=", now)
          .orderBy("next_run_at")
          .execute(),
      tx,
    );
    return rows.map(toProducerSchedule);
  }

  /** All schedules, soonest first. */
  async list(tx?: Transaction): Promise<ProducerSchedule[]> {
    const rows = await this.database.read(
      (executor) => executor.selectFrom("producer_schedules").selectAll().orderBy("next_run_at").execute(),
      tx,
    );
    return rows.map(toProducerSchedule);
  }

  /** The schedules of a stretch of workflows, by workflow and producer. */
  async listOfStretch(stretch: WorkflowStretch, tx?: Transaction): Promise<ProducerSchedule[]> {
    const { until } = stretch;
    const rows = await this.database.read(
      (executor) => ofStretch.all(executor, { after: startOf(stretch), until }),
      tx,
    );
    return rows.map(toProducerSchedule);
  }

  /** When the producers of a stretch of workflows are due, by workflow and producer. */
  listDueTimes(stretch: WorkflowStretch, tx?: Transaction): Promise<DueTime[]> {
    const { until } = stretch;
    return this.database.read((executor) => dueTimes.all(executor, { after: startOf(stretch), until }), tx);
  }

  /** When the next of all schedules is due; null where there is none. */
  async earliestNextRun(tx?: Transaction): Promise<number | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("producer_schedules")
          .select("next_run_at")
          .orderBy("next_run_at")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row?.next_run_at ?? null;
  }

  /** Schedules that were due before a time, soonest first, at most `limit` of them. */
  async listOverdue(before: number, limit: number, tx?: Transaction): Promise<ProducerSchedule[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("producer_schedules")
          .selectAll()
          .where("next_run_at", "<", before)
          .orderBy("next_run_at")
          .limit(limit)
          .execute(),
      tx,
    );
    return rows.map(toProducerSchedule);
  }

  /** Records that a producer ran and when it is due next. @throws NotFoundError */
  async advance(
    workflowId: WorkflowId,
    producerName: string,
    times: { lastRunAt: number; nextRunAt: number },
    tx?: Transaction,
  ): Promise<void> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("producer_schedules")
          .set({ last_run_at: times.lastRunAt, next_run_at: times.nextRunAt })
          .where("workflow_id", "=", workflowId)
          .where("producer_name", "=", producerName)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("producer_schedules", `${workflowId}/${producerName}`);
  }

  /** Gives the number of schedules deleted. */
  async delete(workflowId: WorkflowId, producerNames: readonly string[], tx?: Transaction): Promise<number> {
    if (producerNames.length === 0) return 0;
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .deleteFrom("producer_schedules")
          .where("workflow_id", "=", workflowId)
          .where("producer_name", "in", producerNames)
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
