/** Fills a database with a long history: as many runs as asked for, each with an input, an event and an output. */
import type { SqliteDatabase } from "@millrace/db";
import { sql } from "kysely";

const WORKFLOWS = 20;

/** The rows of one statement. */
const BATCH = 50_000;

/** The time between two runs, in milliseconds. */
const SPACING_MS = 500;

/** What lists are asked for by. */
export interface History {
  workflow: string;
  /** When the first run began and after the last one, in Unix milliseconds. */
  from: number;
  until: number;
}

/** A UUIDv7 of a kind's n-th row: `kind` is one hexadecimal digit. */
const uuid = (kind: string, n: string) =>
  sql.raw(
    `printf('%08x-%04x-7${kind}00-8000-%012x', (start + ${n} * ${SPACING_MS}) / 65536, (start + ${n} * ${SPACING_MS}) % 65536, ${n})`,
  );

/**
 * Writes past the stores, which would take an hour; the schema's constraints hold all the same.
 * @param runs how many
 */
export async function writeHistory(database: SqliteDatabase, runs: number, now: number): Promise<History> {
  const start = now - runs * SPACING_MS;
  const workflow = await writeWorkflows(database, start);
  for (let first = 0; first < runs; first += BATCH) {
    await writeBatch(database, { first, last: Math.min(first + BATCH, runs) - 1, start });
  }
  await database.transaction(({ executor }) => sql`analyze`.execute(executor));
  return { workflow, from: start, until: now };
}

async function writeWorkflows(database: SqliteDatabase, start: number): Promise<string> {
  const config = JSON.stringify({ topics: ["ordered"], producers: {}, consumers: {} });
  await database.transaction(async ({ executor }) => {
    const numbers = sql.raw(
      `with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < ${WORKFLOWS - 1})`,
    );
    const from = sql.raw(`from numbers, (select ${start} as start)`);
    const platform = sql.raw(`(select id from platforms where name = 'default')`);
    await sql`insert into workflows ${numbers} select ${uuid("1", "n")}, ${platform}, printf('workflow-%02d', n), 'active', null, 0, ${config}, 1, null, null, null, start, start ${from}`.execute(
      executor,
    );
    await sql`insert into scripts ${numbers} select ${uuid("2", "n")}, ${uuid("1", "n")}, 1, 0, '{}', printf('%d', n), 'deploy', start ${from}`.execute(
      executor,
    );
    await sql`insert into sessions ${numbers} select ${uuid("3", "n")}, ${uuid("1", "n")}, 'event', 1, 'completed', null, start, start ${from}`.execute(
      executor,
    );
    await sql`insert into topics ${numbers} select ${uuid("4", "n")}, ${uuid("1", "n")}, 'ordered', start ${from}`.execute(
      executor,
    );
  });
  // The one whose runs fail, so that no list is empty.
  return "workflow-00";
}

async function writeBatch(
  database: SqliteDatabase,
  { first, last, start }: { first: number; last: number; start: number },
): Promise<void> {
  const numbers = sql.raw(
    `with recursive numbers (n) as (select ${first} union all select n + 1 from numbers where n < ${last})`,
  );
  const from = sql.raw(`from numbers, (select ${start} as start)`);
  const at = sql.raw(`start + n * ${SPACING_MS}`);
  const workflow = uuid("1", `(n % ${WORKFLOWS})`);
  // One of a thousand went wrong, as in an ordinary month.
  const runStatus = sql.raw(
    `case n % 1000 when 0 then 'failed:logic' when 1 then 'paused:reconciliation' else 'committed' end`,
  );
  const phase = sql.raw(`case n % 1000 when 0 then 'preparing' when 1 then 'mutating' else 'committed' end`);
  const mutationStatus = sql.raw(`case n % 1000 when 0 then 'failed' when 1 then 'indeterminate' else 'applied' end`);
  const title = sql.raw(`printf('Order %d of customer %d', n, n % 977)`);
  await database.transaction(async ({ executor }) => {
    await sql`insert into inputs ${numbers} select ${uuid("5", "n")}, ${workflow}, case n % 4 when 0 then 'shop' else 'mail' end, 'order', printf('order-%d', n), ${title}, 'active', null, ${at}, ${at} ${from}`.execute(
      executor,
    );
    await sql`insert into handler_runs (id, session_id, workflow_id, script_id, handler_type, handler_name, trigger, phase, status, attempt, transient_failures, mutation_id, mutation_outcome, prepare_result, started_at, ended_at)
      ${numbers} select ${uuid("7", "n")}, ${uuid("3", `(n % ${WORKFLOWS})`)}, ${workflow}, ${uuid("2", `(n % ${WORKFLOWS})`)}, 'consumer', 'ship', 'event', ${phase}, ${runStatus}, 1, 0, ${uuid("8", "n")}, case when n % 1000 > 1 then 'applied' end, '{"data":{"order":1}}', ${at}, ${at} + 40 ${from}`.execute(
      executor,
    );
    await sql`insert into events (id, topic_id, workflow_id, message_id, payload, status, reserved_by_run_id, created_by_run_id, attempt_number, created_at, updated_at)
      ${numbers} select ${uuid("6", "n")}, ${uuid("4", `(n % ${WORKFLOWS})`)}, ${workflow}, printf('order-%d', n), '{"order":1}', 'consumed', ${uuid("7", "n")}, null, 1, ${at}, ${at} ${from}`.execute(
      executor,
    );
    await sql`insert into mutations (id, handler_run_id, workflow_id, connector, operation, params, idempotency_key, title, status, sent_at, reconcile_attempts, not_applied_count, uncertain_since, created_at, updated_at)
      ${numbers} select ${uuid("8", "n")}, ${uuid("7", "n")}, ${workflow}, case n % 3 when 0 then 'sheets' else 'http' end, 'append', '{"row":1}', printf('key-%d', n), ${title}, ${mutationStatus}, ${at}, 0, 0, case when n % 1000 = 1 then ${at} end, ${at}, ${at} ${from}`.execute(
      executor,
    );
    await sql`insert into notifications (id, workflow_id, run_id, mutation_id, kind, message, created_at)
      ${numbers} select ${uuid("9", "n")}, ${workflow}, ${uuid("7", "n")}, case when n % 1000 = 1 then ${uuid("8", "n")} end, case n % 1000 when 1 then 'indeterminate' else 'logic' end, ${title}, ${at} ${from} where n % 1000 < 2`.execute(
      executor,
    );
  });
}
