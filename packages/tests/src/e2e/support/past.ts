/**
 * A day in the life of the world before anybody looks at it, lived on a clock that is moved: so that charts have a
 * history, lists have pages, and there is a notification of every kind that can be had.
 */
import { defineJobHandler, type ScheduledJobInput, type WorkflowDefinition } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase, type TestEngine } from "@millrace/agent/testing";
import { createHostile, HOSTILE_JOB } from "./hostile.ts";
import { JOBS } from "./jobs.ts";
import { PAYOUT_WORKFLOWS } from "./payouts.ts";
import { engineOptionsOf, type World } from "./stage.ts";
import { broken, createLate, faulty, lockedOut, orphaned, unreachable } from "./trouble.ts";

const HOURS = 24;
const CUSTOMERS = ["Adler & Söhne", "Brunner GmbH", "Café Central", "Dvořák Ltd", "Elif Yılmaz", "Foods of Fife"];
const SUPPLIERS = ["Stadtwerke", "Papier Union", "Telefónica", "Miete Nord"];

/** What the engine of the present runs beside the world's workflows: all of the past but what has been lost. */
export function workflowsOfToday(world: World): WorkflowDefinition[] {
  const { workflows = [] } = engineOptionsOf(world);
  return [...workflows, createHostile(), broken, lockedOut, faulty, unreachable];
}

/** Its handler is gone today. */
const LOST_JOB: ScheduledJobInput = { type: "cron", name: "Send the digest", handler: "digest", cron: "*/20 * * * *" };

export async function liveOneDay(file: string, world: World): Promise<void> {
  const start = Date.now() - HOURS * 3_600_000;
  const clock = new FakeClock(start);
  const opened = await openTestDatabase(clock, { location: `sqlite:${file}` });
  const late = createLate();
  const options = engineOptionsOf(world);
  const test = attachTestEngine(opened, clock, {
    ...options,
    workflows: [...workflowsOfToday(world), orphaned, late.workflow],
    jobHandlers: [...world.jobs.handlers, defineJobHandler({ name: "digest", handler: () => ({ sent: 3 }) })],
  });
  await test.engine.start();
  for (const job of [...JOBS, HOSTILE_JOB, LOST_JOB]) await test.engine.jobs.schedule(job);
  await liveThrough(test, world);
  await getIntoTrouble(test, world, late.answer);
  await test.close();
}

async function liveThrough(test: TestEngine, { payments, invoices, letters }: World): Promise<void> {
  for (let hour = 0; hour < HOURS - 1; hour += 1) {
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
  await test.engine.jobs.triggerEvent(String(HOSTILE_JOB.type === "event" ? HOSTILE_JOB.event : ""));
  await test.engine.jobs.triggerEvent("complaint.received");
  await test.runUntilIdle();
}

async function getIntoTrouble(test: TestEngine, world: World, answerLate: () => void): Promise<void> {
  const { payments, payouts } = world;
  payments.orders.push({ number: "1999", customer: "Grand Hotel", amount: 4_200, through: "bank" });
  payments.transfers.script("timeout-after-send");
  payouts.payouts.script(...PAYOUT_WORKFLOWS.map(() => "timeout-without-effect" as const));
  for (const [index, name] of PAYOUT_WORKFLOWS.entries()) {
    await test.engine.publish(name, "due", { messageId: "1", payload: { to: CUSTOMERS[index] ?? "", amount: 300 } });
    await test.advance("1m");
  }
  await test.engine.publish("parcels", "packed", { messageId: "1", payload: {} });
  await test.advance("2m");
  const [parcel] = await test.engine.outputs({ connector: "carrier" });
  if (!parcel) throw new Error("The parcel was not shipped.");
  await test.engine.resolveMutation(parcel.id, {
    verdict: "did_not_happen",
    by: "olga",
    evidence: "asked the carrier",
  });
  await test.advance("1m");
  answerLate();
  await test.advance("40m");
}
