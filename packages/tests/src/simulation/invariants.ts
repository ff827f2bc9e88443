/** What must hold in the database at every moment at which nothing is being done, however it came about. */
import type { SqliteDatabase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { CompiledQuery } from "kysely";

interface Rule {
  rule: string;
  /** Finds what breaks it: a column `what` for each case. */
  query: string;
}

/** Hold on every image of a disk, also one that a dead process left. */
const ALWAYS: readonly Rule[] = [
  {
    rule: "a workflow has at most one active run",
    query:
      "select workflow_id as what from handler_runs where status = 'active' group by workflow_id having count(*) > 1",
  },
  {
    rule: "a reserved event has a live owner",
    query: `select e.id as what from events e left join handler_runs r on r.id = e.reserved_by_run_id
      join workflows w on w.id = e.workflow_id
      where e.status = 'reserved' and not ifnull(r.status = 'active' or w.pending_retry_run_id = r.id, 0)`,
  },
  {
    rule: "what a run that has acted holds is not given away",
    query: `select r.id as what from handler_runs r join workflows w on w.pending_retry_run_id = r.id
      join run_events re on re.run_id = r.id join events e on e.id = re.event_id
      where r.mutation_outcome in ('applied', 'skipped') and r.status <> 'committed'
        and e.status = 'pending'`,
  },
  {
    rule: "a set of events has at most one applied mutation",
    query: `select re.event_id as what from mutations m join run_events re on re.run_id = m.handler_run_id
      where m.status = 'applied' group by re.event_id having count(*) > 1`,
  },
  {
    rule: "a run in its call has its row in flight",
    query: `select r.id as what from handler_runs r left join mutations m on m.id = r.mutation_id
      where r.status = 'active' and r.phase = 'mutating' and ifnull(m.status, '') <> 'in_flight'`,
  },
  {
    rule: "a row in flight has its run in its call",
    query: `select m.id as what from mutations m join handler_runs r on r.id = m.handler_run_id
      where m.status = 'in_flight' and not (r.status = 'active' and r.phase = 'mutating')`,
  },
  {
    rule: "a row that was sent says when",
    query: "select id as what from mutations where status <> 'pending' and sent_at is null and error is null",
  },
  {
    rule: "an uncertain row is asked about, or its workflow waits for a person",
    query: `select id as what from mutations where status = 'needs_reconcile' and next_reconcile_at is null`,
  },
  {
    rule: "an outcome that nobody knows is told to a person",
    query: `select m.id as what from mutations m where m.status = 'indeterminate' and m.resolved_at is null
      and not exists (select 1 from notifications n where n.mutation_id = m.id and n.resolved_at is null)`,
  },
  {
    rule: "an uncertain outcome holds its workflow back",
    query: `select m.id as what from mutations m join workflows w on w.id = m.workflow_id
      where (m.status = 'needs_reconcile' or (m.status = 'indeterminate' and m.resolved_at is null))
        and ifnull(w.pending_retry_run_id, '') <> m.handler_run_id`,
  },
  {
    rule: "a run that is to be continued is continued once",
    query: `select r.retry_of as what from handler_runs r join handler_runs old on old.id = r.retry_of
      where old.status <> 'committed' group by r.retry_of having count(*) > 1`,
  },
  {
    rule: "a workflow that waits for nothing says why",
    query: `select w.id as what from workflows w join handler_runs r on r.id = w.pending_retry_run_id
      where w.retry_at is null and w.error is null and r.status not in ('paused:approval', 'paused:reconciliation')`,
  },
  {
    rule: "a run has consumed its events when it has committed",
    query: `select re.run_id as what from run_events re join handler_runs r on r.id = re.run_id
      join events e on e.id = re.event_id join workflows w on w.id = r.workflow_id
      where r.status = 'committed' and e.reserved_by_run_id = r.id and e.status <> 'consumed'
        and ifnull(w.pending_retry_run_id, '') <> r.id`,
  },
  {
    rule: "what a person must approve is not sent without it",
    query: "select id as what from mutations where operation = 'ask' and sent_at is not null and approved_at is null",
  },
  {
    rule: "the repetition of an uncertain call carries its key",
    query: `select m.id as what from mutations m join handler_runs r on r.id = m.handler_run_id
      join mutations earlier on earlier.handler_run_id = r.retry_of
      where earlier.uncertain_since is not null and earlier.operation = m.operation and earlier.params = m.params
        and earlier.idempotency_key <> m.idempotency_key`,
  },
  {
    rule: "an event does not wait whose inputs are all skipped",
    query: `select e.id as what from events e where e.status = 'pending'
      and exists (select 1 from event_inputs ei where ei.event_id = e.id)
      and not exists (select 1 from event_inputs ei join inputs i on i.id = ei.input_id
        where ei.event_id = e.id and i.status = 'active')`,
  },
  {
    rule: "what follows from an event has its inputs",
    query: `select later.id as what from events later
      join events e on e.reserved_by_run_id = later.created_by_run_id and e.status = 'consumed'
      join event_inputs ei on ei.event_id = e.id
      where not exists (select 1 from event_inputs x where x.event_id = later.id and x.input_id = ei.input_id)`,
  },
  {
    rule: "an execution that is over does not wait for anything",
    query: `select id || ' ' || status as what from job_executions where status not in ('pending', 'running')
      and (next_retry_at is not null or completed_at is null)`,
  },
  {
    rule: "a schedule that is on has a next tick",
    query: `select id as what from scheduled_jobs where status in ('pending', 'active') and type in ('cron', 'recurring')
      and next_run is null and not exists (select 1 from job_executions x where x.job_id = scheduled_jobs.id
        and x.status in ('pending', 'running'))
      and not exists (select 1 from notifications n where n.job_id = scheduled_jobs.id and n.resolved_at is null)`,
  },
];

/** Hold while an engine lives that has done all that is due by now. */
const WHEN_QUIET: readonly Rule[] = [
  {
    rule: "a wake time is not forgotten",
    query: `select hs.workflow_id || ' ' || hs.handler_name as what from handler_state hs join workflows w on w.id = hs.workflow_id
      where hs.wake_at > 0 and hs.wake_at <= :now and FREE
        and exists (select 1 from json_each(w.handler_config, '$.consumers') c where c.key = hs.handler_name)`,
  },
  {
    rule: "a schedule is not forgotten",
    query: `select ps.workflow_id || ' ' || ps.producer_name as what from producer_schedules ps join workflows w on w.id = ps.workflow_id
      where ps.next_run_at <= :now and FREE`,
  },
  {
    rule: "a retry is not forgotten",
    query: `select w.id as what from workflows w where w.retry_at <= :now and w.status = 'active' and w.error is null
      and not exists (select 1 from handler_runs r where r.workflow_id = w.id and r.status = 'active')`,
  },
  {
    rule: "a question is not forgotten",
    query: `select m.id as what from mutations m where m.status = 'needs_reconcile' and m.next_reconcile_at <= :now`,
  },
  {
    rule: "a tick is not forgotten",
    query:
      "select id as what from scheduled_jobs where status in ('pending', 'active') and next_run <= :now - jitter_ms",
  },
];

/** A workflow that nothing keeps from running. */
const FREE = `w.status = 'active' and w.error is null and w.pending_retry_run_id is null
  and not exists (select 1 from handler_runs r where r.workflow_id = w.id and r.status = 'active')`;

const union = (rules: readonly Rule[]) =>
  rules
    .map(({ rule, query }) => `select '${rule}' as rule, what from (${query.replace("FREE", FREE)})`)
    .join(" union all ");

const ALWAYS_QUERY = union(ALWAYS);
// One text whatever the time is, so that it is prepared once for each process.
const QUIET_QUERY = `with clock (now) as (select ?) ${union([...ALWAYS, ...WHEN_QUIET]).replaceAll(":now", "(select now from clock)")}`;

/** What breaks a rule now; `now` (Unix milliseconds) for an engine that is quiet, null for what a process left. */
export async function findBroken(database: SqliteDatabase, now: number | null): Promise<string[]> {
  const query = now === null ? CompiledQuery.raw(ALWAYS_QUERY) : CompiledQuery.raw(QUIET_QUERY, [now]);
  const { rows } = await database.read((executor) => executor.executeQuery<BrokenRule>(query));
  return rows.map(describe);
}

/** What is broken on the disk of a dead process, or damaged. */
export function examineImage(image: Buffer): string[] {
  const connection = new BetterSqlite3(image);
  try {
    // The query's columns are those of the type.
    const broken = (connection.prepare(ALWAYS_QUERY).all() as BrokenRule[]).map(describe);
    const damage = [connection.pragma("integrity_check"), connection.pragma("foreign_key_check")];
    const isWhole = JSON.stringify(damage) === '[[{"integrity_check":"ok"}],[]]';
    return isWhole ? broken : [...broken, `the database is whole: ${JSON.stringify(damage)}`];
  } finally {
    connection.close();
  }
}

/** Makes the payload of what runs unreadable, as a fault of the disk would. Gives the image as it is then. */
export function damageExecutions(image: Buffer): Buffer {
  const connection = new BetterSqlite3(image);
  try {
    connection.exec("update job_executions set payload = '{' where status = 'running'");
    return connection.serialize();
  } finally {
    connection.close();
  }
}

interface BrokenRule {
  rule: string;
  what: string;
}

const describe = ({ rule, what }: BrokenRule) => `${rule}: ${what}`;

/** What SQLite itself finds wrong. */
export async function findDamage(database: SqliteDatabase): Promise<string[]> {
  return (await database.check()).map((finding) => `the database is whole: ${JSON.stringify(finding)}`);
}
