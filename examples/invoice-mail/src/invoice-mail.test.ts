import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { http } from "@millrace/agent";
import { crashAtEveryPoint, createTestEngine, type CrashWorld, type TestEngine } from "@millrace/agent/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EXPECTED_INVOICES } from "./expected-invoices.ts";
import { invoiceMail } from "./invoice-mail.ts";
import { startReceiver, type Receiver, type Treatment } from "./receiver.ts";

const INBOX = fileURLToPath(new URL("../inbox", import.meta.url));

let folder: string;
let receiver: Receiver;
let treatments: Treatment[];
let running: TestEngine | null;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "invoice-mail-"));
  treatments = [];
  running = null;
  receiver = await startReceiver({
    file: join(folder, "notifications.jsonl"),
    treat: () => treatments.shift() ?? "ok",
  });
});

afterEach(async () => {
  await running?.close();
  await receiver.close();
  rmSync(folder, { recursive: true });
});

function rowsIn(out: string): string[] {
  const file = join(out, "invoices.csv");
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((row) => row !== "")
    : [];
}

function workflow(inbox = INBOX, out = folder) {
  return invoiceMail({ inbox, out, receiver: receiver.url, interval: "5s" });
}

test("each invoice becomes one row and one notification, whatever else is in the inbox", async () => {
  running = await createTestEngine({ workflows: [workflow()] });
  await running.runUntilIdle();
  const numbers = EXPECTED_INVOICES.map(({ number }) => number);
  expect(new Set(rowsIn(folder).map((row) => row.split(",")[0]))).toEqual(new Set(numbers));
  expect(rowsIn(folder)).toHaveLength(numbers.length);
  expect(receiver.notifications).toHaveLength(numbers.length);
  expect(receiver.repeats()).toBe(0);
  expect(await running.engine.needsAttention()).toEqual([]);
});

test("a mail that arrives while it runs is picked up by the next poll", async () => {
  const inbox = join(folder, "inbox");
  mkdirSync(inbox);
  running = await createTestEngine({ workflows: [workflow(inbox)] });
  await running.runUntilIdle();
  expect(rowsIn(folder)).toEqual([]);
  cpSync(join(INBOX, "01-nordlicht-utf8.eml"), join(inbox, "new.eml"));
  await running.advance("5s");
  await running.runUntilIdle();
  expect(rowsIn(folder)).toHaveLength(1);
});

test("an answer that is lost after the receiver accepted is found out by asking, and nothing is sent twice", async () => {
  treatments = ["drop-after-accepting", "fail-after-accepting", "fail-before-accepting"];
  running = await createTestEngine({ workflows: [workflow()] });
  await running.runUntilIdle();
  for (let minute = 0; minute < 10; minute += 1) await running.advance("1m");
  await running.runUntilIdle();
  expect(receiver.notifications).toHaveLength(EXPECTED_INVOICES.length);
  expect(receiver.repeats()).toBe(0);
  expect(await running.engine.needsAttention()).toEqual([]);
});

test("what could not be read is in the digest of the day", { timeout: 240_000 }, async () => {
  running = await createTestEngine({ workflows: [workflow()] });
  await running.runUntilIdle();
  await running.advance("19h");
  await running.runUntilIdle();
  const digest = readFileSync(join(folder, "digests", "2026-01-01.md"), "utf8");
  expect(digest).toContain("to be looked at: Studio Grau: invoice SG-12 names no amount");
  expect(digest).toContain("CW-100245 from Cloudworks Billing: 1234.56 USD");
});

test("a crash at any point loses no invoice and does nothing twice", async () => {
  let worlds = 0;
  const world = (): CrashWorld => {
    worlds += 1;
    const out = join(folder, `world-${worlds}`);
    const inbox = join(out, "inbox");
    mkdirSync(inbox, { recursive: true });
    cpSync(join(INBOX, "02-muller-latin1.eml"), join(inbox, "one.eml"));
    const seen = receiver.notifications.length;
    const own = workflow(inbox, out);
    return {
      connectors: {
        ...own.connectors,
        http: http({ baseUrl: receiver.url, allowHosts: ["127.0.0.1"], reconcileUrl: "/notifications/{key}" }),
      },
      effects: () => [
        ...rowsIn(out).map((row) => `row ${row}`),
        ...receiver.notifications.slice(seen).map(({ body }) => `notification ${JSON.stringify(body)}`),
      ],
    };
  };
  const report = await crashAtEveryPoint(workflow(join(folder, "unused")), world, { advance: ["1m", "1m"] });
  expect(report.points).toBeGreaterThan(30);
  expect(report.needingPerson).toBe(0);
});
