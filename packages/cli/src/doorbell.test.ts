import { mkdtempSync, readdirSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Doorbell, ringDoorbell } from "./doorbell.ts";

let folder: string;
let databasePath: string;
const doorbells: Doorbell[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-doorbell-"));
  databasePath = join(folder, "millrace.sqlite");
});

afterEach(async () => {
  await Promise.all(doorbells.splice(0).map((doorbell) => doorbell.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** Listens; `answered(n)` resolves once n rings have been answered. */
function listen(answer: () => Promise<void> = async () => undefined) {
  let count = 0;
  const waiting: { number: number; resolve: () => void }[] = [];
  const errors: unknown[] = [];
  const doorbell = new Doorbell({
    databasePath,
    onRing: async () => {
      count += 1;
      for (const { number, resolve } of waiting) if (count >= number) resolve();
      await answer();
    },
    onError: (error) => errors.push(error),
  });
  doorbells.push(doorbell);
  const answered = (number: number) =>
    count >= number ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ number, resolve }));
  return { doorbell, answered, errors, count: () => count };
}

test("a ring is answered, and so is one before the listening began", async () => {
  const { answered } = listen();
  await answered(1);
  expect(ringDoorbell(databasePath)).toBeNull();
  await answered(2);
});

test("a doorbell that was deleted works again", async () => {
  const { answered, errors } = listen();
  await answered(1);
  unlinkSync(`${databasePath}-doorbell`);
  // It answers when it listens anew.
  await answered(2);
  ringDoorbell(databasePath);
  await answered(3);
  expect(errors).toEqual([]);
});

test("an answer that fails is reported, and the next ring is answered", async () => {
  const { answered, errors } = listen(async () => {
    throw new Error("not now");
  });
  await answered(1);
  ringDoorbell(databasePath);
  await answered(2);
  expect(errors[0]).toEqual(new Error("not now"));
});

test("rings that come during an answer are answered after it", async () => {
  const gate: { open?: () => void } = {};
  let running = 0;
  let most = 0;
  const { answered } = listen(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => {
      gate.open = resolve;
    });
    running -= 1;
  });
  await answered(1);
  ringDoorbell(databasePath);
  gate.open?.();
  await answered(2);
  gate.open?.();
  expect(most).toBe(1);
});

test("once closed, it answers no more", async () => {
  const { doorbell, answered, count } = listen();
  await answered(1);
  await doorbell.close();
  ringDoorbell(databasePath);
  const other = listen();
  await other.answered(1);
  expect(count()).toBe(1);
});

test("a folder that is gone is reported, not thrown", () => {
  rmSync(folder, { recursive: true });
  const { errors } = listen();
  expect(errors).toHaveLength(1);
  expect(ringDoorbell(databasePath)).toContain("ENOENT");
});

test("a database in memory has none", () => {
  expect(ringDoorbell(null)).toBeNull();
  doorbells.push(new Doorbell({ databasePath: null, onRing: async () => undefined, onError: () => expect.fail() }));
  expect(readdirSync(folder)).toEqual([]);
});
