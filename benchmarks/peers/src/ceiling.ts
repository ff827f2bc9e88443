/**
 * The ceiling: a bare model of a consumer run as five transactions, raw statements on tiny rows. Each transaction has a
 * savepoint of its own; those of all lanes that are ready together share one commit, which is synced.
 */
import { join } from "node:path";
import Database from "better-sqlite3";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { byCallers, rateOf } from "../../src/peers/timing.ts";

const { folder, units, lanes } = readOptions({ units: z.number(), lanes: z.number() });

const database = new Database(join(folder, "ceiling.sqlite"));
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec(`
  create table runs (id integer primary key, workflow_id integer, phase text, status text, mutation_id integer) strict;
  create table events (id integer primary key, topic_id integer, status text, run_id integer, payload text) strict;
  create index events_pending on events (topic_id, id) where status = 'pending';
  create index events_of_run on events (run_id) where run_id is not null;
  create table mutations (id integer primary key, run_id integer, status text, params text, result text) strict;
  create table states (workflow_id integer primary key, value text) strict;
`);
const createRun = database.prepare("insert into runs values (?, ?, 'preparing', 'active', null)");
const setPhase = database.prepare("update runs set phase = ? where id = ? and status = 'active'");
const reserve = database.prepare(
  "update events set status = 'reserved', run_id = ? where id = ? and status = 'pending'",
);
const sendMutation = database.prepare("insert into mutations values (?, ?, 'in_flight', '{}', null)");
const applyMutation = database.prepare("update mutations set status = 'applied', result = '{}' where id = ?");
const endRun = database.prepare("update runs set phase = 'committed', status = 'committed' where id = ?");
const consume = database.prepare("update events set status = 'consumed' where run_id = ?");
const saveState = database.prepare(
  "insert into states values (?, '{}') on conflict do update set value = excluded.value",
);
const publish = database.prepare("insert into events (topic_id, status, payload) values (?, ?, '{}')");

const [begin, commit, rollback] = ["begin immediate", "commit", "rollback"].map((text) => database.prepare(text));
const [savepoint, release] = ["savepoint one", "release one"].map((text) => database.prepare(text));

type Waiting = { work: () => void; resolve: () => void };
let waiting: Waiting[] = [];

/** Resolves when the work is on disk, together with all other work that was ready. */
function transaction(work: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push({ work, resolve }) === 1) setImmediate(commitWaiting);
  });
}

function commitWaiting(): void {
  const group = waiting;
  waiting = [];
  begin?.run();
  try {
    for (const { work } of group) {
      savepoint?.run();
      work();
      release?.run();
    }
    commit?.run();
  } catch (error) {
    rollback?.run();
    throw error;
  }
  for (const { resolve } of group) resolve();
}

async function run(id: number): Promise<void> {
  const workflow = id % lanes;
  await transaction(() => createRun.run(id, workflow));
  await transaction(() => {
    setPhase.run("prepared", id);
    reserve.run(id, id);
  });
  await transaction(() => {
    setPhase.run("mutating", id);
    sendMutation.run(id, id);
  });
  await callOutside();
  await transaction(() => {
    setPhase.run("mutated", id);
    applyMutation.run(id);
  });
  await transaction(() => {
    endRun.run(id);
    consume.run(id);
    saveState.run(workflow);
    publish.run(workflow, "pending");
    publish.run(workflow, "pending");
  });
}

let calls = 0;
async function callOutside(): Promise<void> {
  calls += 1;
}

const warmUp = Math.ceil(units / 4);
database.transaction(() => {
  for (let id = 0; id < warmUp + units; id += 1) publish.run(id % lanes, "pending");
})();
await byCallers(lanes, warmUp, (index) => run(index + 1));
const perSecond = await rateOf(units, () => byCallers(lanes, units, (index) => run(warmUp + index + 1)));
const committed = database.prepare("select count(*) from runs where status = 'committed'").pluck().get();
const consumed = database.prepare("select count(*) from events where status = 'consumed'").pluck().get();
assertDone(Number(committed), warmUp + units, "runs were committed");
assertDone(Number(consumed), warmUp + units, "events were consumed");
assertDone(calls, warmUp + units, "calls were made");
await report({ units, perSecond });
