/** Makes the database that is killed: the workflows, deployed by an engine, and their pending events. */
import { createEngine } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { sql } from "kysely";
import { createWorld, WORKFLOWS, workflowName } from "./recovery-world.ts";

/** @param events how many, spread evenly; each is pending, with an input of its own */
export async function writePendingEvents(location: string, events: number): Promise<void> {
  const database = await openDatabase(location);
  const engine = createEngine({ database, workflows: createWorld(() => undefined).workflows });
  await engine.start();
  await engine.whenIdle();
  const now = Date.now();
  const payload = sql.raw(`json_object('order', n, 'hop', 0, 'note', '${"x".repeat(200)}')`);
  const numbers = sql.raw(`with recursive numbers (n) as
    (select 0 union all select n + 1 from numbers where n < ${events - 1})`);
  // Past the stores, which would take minutes; the schema's constraints hold all the same.
  const id = (kind: string) => sql.raw(`printf('%012x-7${kind}00-8000-%012x', ${now} + n / 100, n)`);
  const from = sql.raw(`from numbers
    join workflows w on w.name = printf('${workflowName(0).slice(0, -2)}%02d', n % ${WORKFLOWS})
    join topics t on t.workflow_id = w.id and t.name = 'outbound'`);
  await database.transaction(async ({ executor }) => {
    await sql`insert into inputs ${numbers}
      select ${id("1")}, w.id, 'shop', 'order', printf('%d', n), printf('Order %d', n), 'active', null, ${now}, ${now} ${from}`.execute(
      executor,
    );
    await sql`insert into events ${numbers}
      select ${id("2")}, t.id, w.id, printf('%d-0', n), ${payload}, 'pending', null, null, 1, ${now}, ${now} ${from}`.execute(
      executor,
    );
    await sql`insert into event_inputs ${numbers} select ${id("2")}, ${id("1")} from numbers`.execute(executor);
  });
  await engine.stop();
  await database.close();
}
