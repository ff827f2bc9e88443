import { createStores, DEFAULT_PLATFORM_ID } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AuditTrail, type AuditedAction } from "./audit.ts";
import { InternalError, UnknownNameError } from "./errors.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { openTestDatabase, type TestDatabase } from "./testing/test-engine.ts";

let opened: TestDatabase;
let trail: AuditTrail;
const clock = new FakeClock();
const lost: unknown[] = [];

beforeEach(async () => {
  lost.length = 0;
  opened = await openTestDatabase(clock);
  const { audit: store } = createStores(opened.database);
  trail = new AuditTrail({ store, clock, onLostOutcome: (error) => lost.push(error) });
});

afterEach(() => opened.database.close());

const action: AuditedAction = {
  platformId: DEFAULT_PLATFORM_ID,
  actor: "olga",
  channel: "api",
  action: "mutation.resolve",
  subject: { type: "mutation", id: "7" },
  details: { verdict: "happened", token: "hunter2-canary" },
};

const entries = () => createStores(opened.database).audit.list({});

describe("the audit trail", () => {
  test("writes an action down before it is done, and what came of it after", async () => {
    const result = await trail.perform(action, async () => {
      expect(await entries()).toMatchObject([{ actor: "olga", subjectId: "7", outcome: null }]);
      return "done";
    });
    expect(result).toBe("done");
    expect(await entries()).toMatchObject([{ outcome: "done", message: null, completedAt: clock.now() }]);
  });

  test("tells what was refused from what failed, and passes the error on", async () => {
    const refusal = new UnknownNameError("mutation", "7");
    await expect(trail.perform(action, () => Promise.reject(refusal))).rejects.toBe(refusal);
    const failure = new InternalError("password=hunter2-canary");
    await expect(trail.perform(action, () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(trail.perform(action, () => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
    const outcomes = (await entries()).map(({ outcome, message }) => [outcome, message]);
    expect(outcomes).toEqual([
      ["failed", "a bug"],
      ["failed", "password=[redacted]"],
      ["refused", refusal.message],
    ]);
  });

  test("holds no secret, and no more details than can be read", async () => {
    await trail.perform(action, async () => undefined);
    await trail.perform({ ...action, subject: null, details: { text: "x".repeat(20_000) } }, async () => undefined);
    expect(await entries()).toMatchObject([
      {
        subjectType: "mutation",
        subjectId: "",
        details: { leftOut: expect.stringContaining("20011 characters") as string },
      },
      { details: { verdict: "happened", token: "[redacted]" } },
    ]);
  });

  test("does nothing that could not be written down first", async () => {
    let isDone = false;
    await opened.database.close();
    const work = async () => {
      isDone = true;
    };
    await expect(trail.perform(action, work)).rejects.toThrow("closed");
    expect(isDone).toBe(false);
  });

  test("does not undo what is done when its outcome can't be written down", async () => {
    const result = await trail.perform(action, async () => {
      await opened.database.close();
      return "done";
    });
    expect(result).toBe("done");
    expect(lost).toHaveLength(1);
  });
});
