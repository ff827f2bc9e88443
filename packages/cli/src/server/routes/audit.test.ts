import type { PlatformId } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRouteBench, type RouteBench } from "../../testing/route-bench.ts";
import { listAudit } from "../contract/overview.ts";
import { RefusedError } from "../problem.ts";
import { AUDIT_IMPLEMENTATIONS } from "./audit.ts";

let bench: RouteBench;

beforeEach(async () => {
  bench = await openRouteBench(AUDIT_IMPLEMENTATIONS);
});
afterEach(() => bench.close());

async function note(actor: string, action: string, subjectId: string, platformId?: PlatformId): Promise<void> {
  const entry = { actor, channel: "api", action, subjectType: "job", subjectId, details: { note: "why" } } as const;
  const { id } = await bench.stores.audit.create({ ...entry, ...(platformId && { platformId }) }, bench.clock.now());
  await bench.stores.audit.complete(id, { outcome: "done" }, bench.clock.now());
  await bench.advance("1m");
}

const list = async (query: object = {}) => {
  const { items, nextCursor } = await bench.call(listAudit, { query });
  return { found: items.map(({ actor, action, subjectId }) => `${actor} ${action} ${subjectId}`), nextCursor };
};

test("actions are listed newest first, with what came of them", async () => {
  await note("olga", "job.pause", "1");
  await note("paul", "job.resume", "1");
  expect((await list()).found).toEqual(["paul job.resume 1", "olga job.pause 1"]);
  expect((await bench.call(listAudit)).items[0]).toMatchObject({
    channel: "api",
    outcome: "done",
    message: null,
    details: { note: "why" },
  });
});

test("pages follow each other without a gap", async () => {
  for (const id of ["1", "2", "3", "4", "5"]) await note("olga", "job.pause", id);
  const seen: string[] = [];
  let query: object = { limit: "2" };
  for (let page = 0; page < 5; page += 1) {
    const { found, nextCursor } = await list(query);
    seen.push(...found);
    if (nextCursor === null) break;
    query = { limit: "2", cursor: nextCursor };
  }
  expect(seen).toEqual(["5", "4", "3", "2", "1"].map((id) => `olga job.pause ${id}`));
});

test("entries are found by who, what, whom about, when, and a piece of text", async () => {
  const from = bench.clock.now();
  await note("olga", "job.pause", "1");
  await note("paul", "job.resume", "2");
  const found = async (query: object) => (await list(query)).found;
  expect(await found({ actor: "olga" })).toEqual(["olga job.pause 1"]);
  expect(await found({ action: "job.resume" })).toEqual(["paul job.resume 2"]);
  expect(await found({ subjectId: "2" })).toEqual(["paul job.resume 2"]);
  expect(await found({ text: "RESUME" })).toEqual(["paul job.resume 2"]);
  expect(await found({ from: `${from}`, until: `${from + 1}` })).toEqual(["olga job.pause 1"]);
});

test("a cursor that is none is refused", async () => {
  await expect(list({ cursor: "soon" })).rejects.toThrow(RefusedError);
});

test("nobody sees what was done on another platform", async () => {
  await note("olga", "job.pause", "1");
  await note("stranger", "job.pause", "2", bench.stranger.platformId);
  expect((await list()).found).toEqual(["olga job.pause 1"]);
  const theirs = await bench.call(listAudit, {}, bench.stranger);
  expect(theirs.items.map(({ actor }) => actor)).toEqual(["stranger"]);
});
