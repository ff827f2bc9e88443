/**
 * Events: publishing, reserving and what becomes of them.
 *
 * Invariants:
 * 1. An event is reserved by at most one run; of any number of callers exactly one gets it.
 * 2. What was selected never changes under a run: only a pending event's payload can be replaced.
 * 3. What a run reserved is recorded in `run_events` for ever.
 * 4. An event is skipped, not pending, once every input behind it is skipped; one active input keeps it alive.
 */
import type { NotNull } from "kysely";
import { encodeJson } from "../codecs.ts";
import type { Database, QueryExecutor, Transaction } from "../database.ts";
import { NotFoundError, ReservationConflictError } from "../errors.ts";
import type { EventId, InputId, RunId, TopicId, WorkflowId } from "../ids.ts";
import type { EventTable } from "../schema.ts";
import { chunk } from "./chunk.ts";
import { createdByRun, ofInput, ofRun, walksOfEvents, type EventFilter } from "./event-lists.ts";
import {
  byRun,
  consumeReserved,
  findByMessage,
  hasOnlySkippedInputs,
  inputsOfReserved,
  linkInput,
  oldestPending,
  pending,
  recordReservation,
  reserveAsSeen,
  reserveOne,
  skipIfInputsSkipped,
  upsert,
  type NewEventRow,
} from "./event-queries.ts";
import {
  toEvent,
  toEventOfTopic,
  toListedEvent,
  toShownEvent,
  type Event,
  type EventOfTopic,
  type ListedEvent,
  type NewEvent,
  type PublishResult,
} from "./event.ts";
import { listAlong, pageAlong, type Page } from "./paging.ts";

function seenEvents(ids: readonly EventId[] | ReadonlyMap<EventId, number>): ReadonlyMap<EventId, number | null> {
  return "length" in ids ? new Map(ids.map((id) => [id, null])) : ids;
}

/** Saves an event, unless it is there and not pending any more. */
async function save(executor: QueryExecutor, row: NewEventRow): Promise<PublishResult> {
  const saved = await upsert.first(executor, row);
  if (saved) return { id: saved.id, outcome: saved.id === row.id ? "created" : "replaced" };
  // What was not inserted is there.
  const existing = await findByMessage.only(executor, row);
  return { id: existing.id, outcome: "unchanged" };
}

export class EventStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Publishes by (topic, message id): new → pending; still pending → payload replaced; otherwise unchanged.
   * @throws ValueTooLargeError, NotSerialisableError
   */
  async publish(event: NewEvent, now: number, tx?: Transaction): Promise<PublishResult> {
    const row = this.toRow(event, now);
    if (event.inputIds.length === 0) return this.database.write(({ executor }) => save(executor, row), tx);
    return this.database.transaction(async ({ executor }) => {
      const result = await save(executor, row);
      if (result.outcome === "unchanged") return result;
      for (const inputId of event.inputIds) await linkInput.run(executor, { eventId: result.id, inputId });
      await skipIfInputsSkipped.run(executor, { id: result.id, now });
      return result;
    }, tx);
  }

  /**
   * Like `publish`, for an event with an input that is known to be active, so that it is not to be skipped. A part of a
   * transaction that fails as a whole where this fails, and so without a savepoint of its own.
   * @throws ValueTooLargeError, NotSerialisableError
   */
  async publishOfActive(event: NewEvent, now: number, tx: Transaction): Promise<PublishResult> {
    const row = this.toRow(event, now);
    const result = await this.database.write(({ executor }) => save(executor, row), tx);
    if (result.outcome === "unchanged") return result;
    for (const inputId of event.inputIds)
      await this.database.write(({ executor }) => linkInput.run(executor, { eventId: result.id, inputId }), tx);
    return result;
  }

  private toRow(event: NewEvent, now: number): NewEventRow {
    const { workflowId, topicId, messageId, createdByRunId } = event;
    const payload = encodeJson(event.payload, `payload of event ${messageId}`, this.database.limits.payloadBytes);
    return { id: this.database.newId<EventId>(), workflowId, topicId, messageId, payload, createdByRunId, now };
  }

  async find(id: EventId, tx?: Transaction): Promise<Event | null> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("events").selectAll().where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return row ? toEvent(row) : null;
  }

  /** @throws NotFoundError */
  async get(id: EventId, tx?: Transaction): Promise<Event> {
    const event = await this.find(id, tx);
    if (!event) throw new NotFoundError("events", id);
    return event;
  }

  async findByMessageId(topicId: TopicId, messageId: string, tx?: Transaction): Promise<Event | null> {
    const row = await this.database.read((executor) => findByMessage.first(executor, { topicId, messageId }), tx);
    return row ? toEvent(row) : null;
  }

  /** Events, newest first. */
  async list(filter: EventFilter, tx?: Transaction): Promise<Event[]> {
    const rows = await this.database.read(
      async (executor) => listAlong<EventTable>(executor, await walksOfEvents(executor, filter), filter),
      tx,
    );
    return rows.map(toShownEvent);
  }

  /** A page of events, newest first, found among a bounded number of rows. */
  async page(filter: EventFilter, tx?: Transaction): Promise<Page<ListedEvent, EventId>> {
    const { rows, next } = await this.database.read(
      async (executor) => pageAlong<EventTable, EventId>(executor, await walksOfEvents(executor, filter), filter),
      tx,
    );
    return { rows: rows.map(toListedEvent), next };
  }

  /** The events that an input caused, oldest first. */
  async listOfInput(inputId: InputId, limit = 1_000, tx?: Transaction): Promise<EventOfTopic[]> {
    const rows = await this.database.read((executor) => ofInput.all(executor, { inputId, limit }), tx);
    return rows.map(toEventOfTopic);
  }

  /** The events that a run has ever reserved, oldest first; at most 1,000. */
  async listOfRun(runId: RunId, tx?: Transaction): Promise<EventOfTopic[]> {
    const rows = await this.database.read((executor) => ofRun.all(executor, { runId }), tx);
    return rows.map(toEventOfTopic);
  }

  /** The events that a run published, oldest first; at most 1,000. */
  async listCreatedByRun(runId: RunId, tx?: Transaction): Promise<EventOfTopic[]> {
    const rows = await this.database.read((executor) => createdByRun.all(executor, { runId }), tx);
    return rows.map(toEventOfTopic);
  }

  /** Pending events of a topic, oldest first. */
  async peek(workflowId: WorkflowId, topicId: TopicId, limit: number, tx?: Transaction): Promise<Event[]> {
    const rows = await this.database.read((executor) => pending.all(executor, { workflowId, topicId, limit }), tx);
    return rows.map(toEvent);
  }

  /**
   * Reserves all of these events for a run, or none.
   * @param ids a map says of each event as of which `updatedAt` it was seen: one that was replaced since is refused
   * @throws ReservationConflictError naming the ids that were not pending, or were replaced
   */
  async reserve(
    ids: readonly EventId[] | ReadonlyMap<EventId, number>,
    runId: RunId,
    attempt: number,
    now: number,
    tx?: Transaction,
  ): Promise<Event[]> {
    return this.database.transaction(async ({ executor }) => {
      const reserved: Event[] = [];
      const refused: EventId[] = [];
      for (const [id, seenAt] of seenEvents(ids)) {
        const row =
          seenAt === null
            ? await reserveOne.first(executor, { id, runId, attempt, now })
            : await reserveAsSeen.first(executor, { id, runId, attempt, now, seenAt });
        if (!row) {
          refused.push(id);
          continue;
        }
        await recordReservation.run(executor, { runId, eventId: id, attempt });
        reserved.push(toEvent(row));
      }
      if (refused.length > 0) throw new ReservationConflictError(refused);
      return reserved;
    }, tx);
  }

  /** The events that a run holds or has consumed, oldest first. */
  async listByRun(runId: RunId, tx?: Transaction): Promise<Event[]> {
    const rows = await this.database.read((executor) => byRun.all(executor, { runId }), tx);
    return rows.map(toEvent);
  }

  /** Makes a run's reserved events pending again (or skipped, where their inputs are); gives how many. */
  async release(runId: RunId, now: number, tx?: Transaction): Promise<number> {
    return this.database.transaction(async ({ executor }) => {
      const reserved = executor
        .updateTable("events")
        .where("reserved_by_run_id", "=", runId)
        .where("status", "=", "reserved");
      const skipped = await reserved
        .set({ status: "skipped", updated_at: now })
        .where(hasOnlySkippedInputs)
        .executeTakeFirst();
      const released = await reserved
        .set({ status: "pending", reserved_by_run_id: null, updated_at: now })
        .executeTakeFirst();
      return Number(skipped.numUpdatedRows + released.numUpdatedRows);
    }, tx);
  }

  /** Consumes a run's reserved events; gives how many. */
  consume(runId: RunId, now: number, tx?: Transaction): Promise<number> {
    return this.database.write(({ executor }) => consumeReserved.run(executor, { runId, now }), tx);
  }

  /** Makes the events that a run has consumed pending again (but not where all their inputs are skipped); gives how many. */
  async reopen(runId: RunId, now: number, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("events")
          .set({ status: "pending", reserved_by_run_id: null, updated_at: now })
          .where("reserved_by_run_id", "=", runId)
          .where("status", "=", "consumed")
          .where((expression) => expression.not(hasOnlySkippedInputs(expression)))
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numUpdatedRows);
  }

  /** Makes the events that a run has consumed reserved by it again; gives how many. */
  async hold(runId: RunId, now: number, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("events")
          .set({ status: "reserved", updated_at: now })
          .where("reserved_by_run_id", "=", runId)
          .where("status", "=", "consumed")
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numUpdatedRows);
  }

  /** Gives a run's reserved events to the run that takes over from it; gives how many. */
  async transfer(from: RunId, to: RunId, attempt: number, now: number, tx?: Transaction): Promise<number> {
    return this.database.transaction(async ({ executor }) => {
      const rows = await executor
        .updateTable("events")
        .set({ reserved_by_run_id: to, attempt_number: attempt, updated_at: now })
        .where("reserved_by_run_id", "=", from)
        .where("status", "=", "reserved")
        .returning("id")
        .execute();
      for (const row of rows) await recordReservation.run(executor, { runId: to, eventId: row.id, attempt });
      return rows.length;
    }, tx);
  }

  /** Skips the pending events that an input caused and that no active input is behind; gives how many. */
  async skipPendingOfInput(inputId: InputId, now: number, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("events")
          .set({ status: "skipped", updated_at: now })
          .where("status", "=", "pending")
          .where("id", "in", (inner) =>
            inner.selectFrom("event_inputs").select("event_id").where("input_id", "=", inputId),
          )
          .where(hasOnlySkippedInputs)
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numUpdatedRows);
  }

  /** The runs that hold reserved events which an input caused. */
  async runsHoldingInput(inputId: InputId, tx?: Transaction): Promise<RunId[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("event_inputs")
          .innerJoin("events", "events.id", "event_inputs.event_id")
          .where("event_inputs.input_id", "=", inputId)
          .where("events.status", "=", "reserved")
          // A CHECK of the table sees to it that a run holds what is reserved.
          .select("events.reserved_by_run_id as runId")
          .$narrowType<{ runId: NotNull }>()
          .distinct()
          .execute(),
      tx,
    );
    return rows.map(({ runId }) => runId);
  }

  /** The inputs behind the events that a run holds. */
  async inputsOfRun(runId: RunId, tx?: Transaction): Promise<InputId[]> {
    const rows = await this.database.read((executor) => inputsOfReserved.all(executor, { runId }), tx);
    return rows.map((row) => row.input_id);
  }

  /** The events that an input caused, oldest first. */
  async listByInput(inputId: InputId, tx?: Transaction): Promise<Event[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("event_inputs")
          .innerJoin("events", "events.id", "event_inputs.event_id")
          .where("event_inputs.input_id", "=", inputId)
          .selectAll("events")
          .orderBy("events.created_at")
          .orderBy("events.id")
          .execute(),
      tx,
    );
    return rows.map(toEvent);
  }

  /** The number of pending events of **every** asked topic, 0 where there is none. */
  async countPendingByTopic(
    workflowId: WorkflowId,
    topics: readonly string[],
    tx?: Transaction,
  ): Promise<Map<string, number>> {
    const counts = new Map(topics.map((topic) => [topic, 0]));
    for (const names of chunk([...counts.keys()])) {
      const rows = await this.database.read(
        (executor) =>
          executor
            .selectFrom("events")
            .innerJoin("topics", "topics.id", "events.topic_id")
            .where("events.workflow_id", "=", workflowId)
            .where("events.status", "=", "pending")
            .where("topics.workflow_id", "=", workflowId)
            .where("topics.name", "in", names)
            .groupBy("topics.name")
            .select(["topics.name", (expression) => expression.fn.countAll<number>().as("pending")])
            .execute(),
        tx,
      );
      for (const row of rows) counts.set(row.name, Number(row.pending));
    }
    return counts;
  }

  /** When the oldest pending event of a topic was created, in Unix milliseconds; null where there is none. */
  async oldestPendingAt(workflowId: WorkflowId, topicId: TopicId, tx?: Transaction): Promise<number | null> {
    const row = await this.database.read((executor) => oldestPending.first(executor, { workflowId, topicId }), tx);
    return row?.created_at ?? null;
  }

  /** Gives the number of events deleted. */
  async delete(ids: readonly EventId[], tx?: Transaction): Promise<number> {
    return this.database.transaction(async ({ executor }) => {
      let deleted = 0;
      for (const piece of chunk(ids)) {
        const result = await executor.deleteFrom("events").where("id", "in", piece).executeTakeFirst();
        deleted += Number(result.numDeletedRows);
      }
      return deleted;
    }, tx);
  }
}
