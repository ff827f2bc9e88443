import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createStores, openDatabase } from "@millrace/db";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("crash-process.ts", import.meta.url));
const AT_ONCE = 3;

interface Place {
  folder: string;
  database: string;
  effects: string;
}

/** Runs one life; gives its signal and what it printed. */
function live(
  { database, effects }: Place,
  at: number | "never",
  asks: string,
): Promise<{ signal: string | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [
      "--conditions=millrace-source",
      PROGRAM,
      database,
      effects,
      String(at),
      asks,
    ]);
    let output = "";
    child.stdout.on("data", (piece) => (output += String(piece)));
    child.stderr.on("data", (piece) => (output += String(piece)));
    child.once("error", reject);
    child.once("exit", (_code, signal) => resolve({ signal, output }));
  });
}

async function withPlace<T>(work: (place: Place) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-kill-"));
  try {
    return await work({ folder, database: join(folder, "test.sqlite"), effects: join(folder, "effects.txt") });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How often each item's effect happened. */
function countEffects({ effects }: Place): Record<string, number> {
  const counts: Record<string, number> = {};
  const lines = existsSync(effects) ? readFileSync(effects, "utf8").split("\n") : [];
  for (const line of lines.filter((text) => text !== "")) {
    const item = line.split(" ")[1] ?? "";
    counts[item] = (counts[item] ?? 0) + 1;
  }
  return counts;
}

/** What the database says in the end, seen by a process that has run nothing. */
async function inspect({ database: path }: Place) {
  const database = await openDatabase(`sqlite:${path}`);
  const stores = createStores(database);
  const [workflow] = await stores.workflows.list();
  const events = await stores.events.list({ workflowId: workflow!.id });
  const { rows } = await database.read((executor) =>
    sql<{ integrity_check: string }>`pragma integrity_check`.execute(executor),
  );
  const foreignKeys = await database.read((executor) => sql`pragma foreign_key_check`.execute(executor));
  const result = {
    events: events.map(({ messageId, status }) => `${messageId} ${status}`).toSorted((a, b) => a.localeCompare(b)),
    unknown: await stores.mutations.list({ unresolved: true }),
    notifications: (await stores.notifications.listOpen()).map(({ kind }) => kind),
    active: await stores.handlerRuns.listActive(),
    sound: rows[0]?.integrity_check === "ok" && foreignKeys.rows.length === 0,
  };
  await database.close();
  return result;
}

async function rehearse(asks: string): Promise<number> {
  return withPlace(async (place) => {
    const { output } = await live(place, "never", asks);
    expect(countEffects(place)).toEqual({ a: 1, b: 1 });
    return Number(/passed (\d+)/.exec(output)?.[1] ?? Number.NaN);
  });
}

/** Tries every point, a few at once; gives what went wrong where. */
async function tryAll(points: number, attempt: (point: number) => Promise<void>): Promise<string[]> {
  const faults: string[] = [];
  let next = 1;
  const worker = async () => {
    while (next <= points) {
      const point = next;
      next += 1;
      await attempt(point).catch((error: unknown) => faults.push(`point ${point}: ${String(error)}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return faults;
}

const ALL_DONE = ["a consumed", "a pending", "b consumed", "b pending"];

describe("a process that is killed at any commit or send of a producer's and a consumer's run", () => {
  test("loses nothing and does nothing twice when the connector can be asked", async () => {
    const points = await rehearse("asks");
    expect(points).toBeGreaterThan(25);
    const faults = await tryAll(points, (point) =>
      withPlace(async (place) => {
        expect((await live(place, point, "asks")).signal).toBe("SIGKILL");
        expect((await live(place, "never", "asks")).signal).toBeNull();
        expect(countEffects(place)).toEqual({ a: 1, b: 1 });
        expect(await inspect(place)).toEqual({
          events: ALL_DONE,
          unknown: [],
          notifications: [],
          active: [],
          sound: true,
        });
      }),
    );
    expect(faults).toEqual([]);
  }, 400_000);

  test("reports what is uncertain to a person when the connector can't be asked, and does nothing twice", async () => {
    const points = await rehearse("mute");
    let uncertain = 0;
    const faults = await tryAll(points, (point) =>
      withPlace(async (place) => {
        await live(place, point, "mute");
        await live(place, "never", "mute");
        for (const count of Object.values(countEffects(place))) expect(count).toBe(1);
        const { unknown, notifications, active, sound, events } = await inspect(place);
        expect({ active, sound }).toEqual({ active: [], sound: true });
        expect(notifications).toEqual(unknown.map(() => "indeterminate"));
        uncertain += unknown.length;
        if (unknown.length === 0) expect(events).toEqual(ALL_DONE);
      }),
    );
    expect(faults).toEqual([]);
    expect(uncertain).toBeGreaterThan(0);
  }, 400_000);

  test("recovers from being killed while it recovers", async () => {
    const points = await rehearse("asks");
    const faults = await tryAll(12, (step) =>
      withPlace(async (place) => {
        await live(place, Math.round((points * step) / 13), "asks");
        for (let again = 1; again <= 3; again += 1) await live(place, again, "asks");
        await live(place, "never", "asks");
        expect(countEffects(place)).toEqual({ a: 1, b: 1 });
        expect(await inspect(place)).toMatchObject({ events: ALL_DONE, active: [], sound: true });
      }),
    );
    expect(faults).toEqual([]);
  }, 400_000);
});
