/** A row that cannot be read keeps its own workflow waiting, and no other; a person is told. */
import { attachTestEngine, createTestEngine, openTestDatabase, type TestEngine } from "@millrace/agent/testing";
import { sql, type RawBuilder } from "kysely";
import { afterEach, expect, test } from "vitest";
import { openPostOffice } from "../support/post-office.ts";

let running: TestEngine;
afterEach(() => running.close());

const run = (statement: RawBuilder<unknown>) =>
  running.database.transaction(({ executor }) => statement.execute(executor));
const attention = async () => (await running.engine.needsAttention()).map(({ notification }) => notification.message);

test("a mutation that cannot be read is asked about again later, and goes on once it is mended", async () => {
  const office = await openPostOffice();
  running = office.test;
  office.send.script("timeout-after-send");
  office.send.answer("retry");
  await office.post("bob");
  const { id } = await office.mutation();
  await run(sql`update mutations set params = '{ not json' where id = ${id}`);
  await running.advance("1h");
  expect(await attention()).toEqual([expect.stringContaining("could not go on with this workflow")]);
  await run(sql`update mutations set params = ${JSON.stringify({ to: "bob" })} where id = ${id}`);
  await running.advance("1h");
  expect(await office.mutation()).toMatchObject({ status: "applied" });
  expect(office.send.effects).toHaveLength(1);
});

test("a run whose mutation cannot be read does not keep the next engine from starting", async () => {
  const office = await openPostOffice();
  office.send.script("hang-after-send");
  await office.test.engine.publish("letters", "letter", { messageId: "bob", payload: { to: "bob" } });
  await office.test.advance("1s");
  running = office.test;
  await run(sql`update mutations set params = '{ not json'`);
  const image = running.database.serialise();
  await running.advance("1h");
  await running.close();
  running = await createTestEngine({ image, clock: office.test.clock, workflows: [office.workflow] });
  await running.runUntilIdle();
  expect(await attention()).toEqual([expect.stringContaining("could not go on with this workflow")]);
});

test("a workflow whose configuration cannot be read, and whose code is not here, is told of when an engine starts", async () => {
  const office = await openPostOffice();
  running = office.test;
  await run(sql`update workflows set handler_config = '{"consumers": 1}'`);
  const image = running.database.serialise();
  await running.close();
  const { clock } = office.test;
  running = attachTestEngine(await openTestDatabase(clock, { image }), clock, {});
  await running.engine.start();
  await running.runUntilIdle();
  expect(await attention()).toEqual([expect.stringContaining("does not have its code")]);
});
