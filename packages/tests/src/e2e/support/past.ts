/**
 * Hours in the life of the world before anybody looks at it, lived on a clock that is moved: so that charts have a
 * history, lists have pages, and there is a notification of every kind that can be had.
 */
import { defineJobHandler, type ScheduledJobInput, type WorkflowDefinition } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase, type TestEngine } from "@millrace/agent/testing";
import { createHostile, HOSTILE_EVENT, HOSTILE_JOB } from "./hostile.ts";
import { JOBS } from "./jobs.ts";
import { PAYOUT_WORKFLOWS } from "./payouts.ts";
import { engineOptionsOf, OPERATOR, type World } from "./stage.ts";
import { broken, createLate, faulty, type LateWorld, lockedOut, orphaned, unreachable } from "./trouble.ts";

const HOUR_MS = 3_600_000;
const CUSTOMERS = ["Adler & Söhne", "Brunner GmbH", "Café Central", "Dvořák Ltd", "Elif Yılmaz", "Foods of Fife"];
const SUPPLIERS = ["Stadtwerke", "Papier Union", "Telefónica", "Miete Nord"];

/** What the engine of the present runs beside the world's workflows: all of the past but what has been lost. */
export function workflowsOfToday(world: World): WorkflowDefinition[] {
  const { workflows = [] } = engineOptionsOf(world);
  return [...workflows, createHostile(), broken, lockedOut, faulty, unreachable];
}

/** Its handler is gone today. */
const LOST_JOB: ScheduledJobInput = { type: "cron", name: "Send the digest", handler: "digest", cron: "*/20 * * * *" };

/** A past that ends now, so many hours long. */
export function livedFor(hours: number) {
  return async (file: string, world: World): Promise<void> => {
    const clock = new FakeClock(Date.now() - hours * HOUR_MS);
    // Nothing waits for a disk in memory; the file is a copy of it.
    const opened = await openTestDatabase(clock);
    const late = createLate();
    const test = attachTestEngine(opened, clock, {
      ...engineOptionsOf(world),
      workflows: [...workflowsOfToday(world), orphaned, late.workflow],
      jobHandlers: [...world.jobs.handlers, defineJobHandler({ name: "digest", handler: () => ({ sent: 3 }) })],
    });
    let worked = 0;
    world.jobs.takeTime = () => {
      worked += 1;
      clock.jumpTo(clock.now() + 400 + ((worked * 37) % 23) * 60);
    };
    await test.engine.start();
    for (const job of [...JOBS, HOSTILE_JOB, LOST_JOB]) await test.engine.jobs.schedule(job);
    await liveThrough(test, world, hours - 2);
    await getIntoTrouble(test, world, late);
    await test.advance("30m");
    world.jobs.takeTime = () => {};
    clock.jumpTo(Date.now());
    await test.engine.stop();
    await opened.database.backup(file);
    await opened.database.close();
  };
}

async function liveThrough(test: TestEngine, { payments, invoices, letters }: World, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    const customer = CUSTOMERS[hour % CUSTOMERS.length] ?? "nobody";
    const through = hour % 3 === 0 ? "card" : "bank";
    payments.orders.push({ number: String(1_000 + hour), customer, amount: 20 + hour * 7, through });
    invoices.mails.push({
      from: SUPPLIERS[hour % SUPPLIERS.length] ?? "nobody",
      subject: hour % 7 === 0 ? `Is invoice ${hour} due?` : `Invoice ${2_000 + hour}`,
    });
    if (hour % 6 === 2) payments.transfers.script("failure-before-send");
    await test.advance("1h");
  }
  letters.due.push({ to: "Anna Kovács", text: "Your contract ends in March." });
  letters.due.push({ to: "Bo Lindqvist", text: "Welcome to the house." });
  await test.engine.runNow("letters");
  await test.engine.jobs.triggerEvent(HOSTILE_EVENT);
  await test.engine.jobs.triggerEvent("complaint.received");
  await test.runUntilIdle();
}

async function getIntoTrouble(test: TestEngine, { payments, payouts }: World, late: LateWorld): Promise<void> {
  const { engine } = test;
  payments.orders.push({ number: "1999", customer: "Grand Hotel", amount: 4_200, through: "bank" });
  payments.transfers.script("timeout-after-send");
  payouts.payouts.script(...PAYOUT_WORKFLOWS.map(() => "timeout-without-effect" as const));
  for (const [index, name] of PAYOUT_WORKFLOWS.entries()) {
    const payload = { to: CUSTOMERS[index] ?? "", amount: 300 };
    const input = { source: "ledger", type: "payout", externalId: name, title: `Payout to ${payload.to}` };
    await engine.publish(name, "due", { messageId: name, payload, input });
    await test.advance("1m");
  }
  await engine.publish("parcels", "packed", {
    messageId: "P-1",
    payload: {},
    input: { source: "warehouse", type: "parcel", externalId: "P-1", title: "Parcel P-1" },
  });
  await late.called;
  // While the call hangs the engine is never idle, so its time is moved until it has run out.
  const unknown = async () => (await engine.outputs({ connector: "carrier", unresolved: true }))[0];
  for (let minutes = 0; minutes < 10 && !(await unknown()); minutes += 1) await test.advance("1m");
  const parcel = await unknown();
  if (!parcel) throw new Error("The call that hangs did not run out of time.");
  await engine.resolveMutation(parcel.id, { verdict: "did_not_happen", by: OPERATOR, evidence: "asked the carrier" });
  await test.runUntilIdle();
  late.answer();
}
