import {
  ConstraintViolationError,
  DEFAULT_PLATFORM_ID,
  NotFoundError,
  TransitionConflictError,
  ValueTooLargeError,
  type AccessTokenId,
  type AuditEntryId,
  type AuditFilter,
  type NewAuditEntry,
} from "@millrace/db";
import { expect } from "vitest";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES, type StoreWorld } from "../support/store-behaviours.ts";

const resolving: NewAuditEntry = {
  actor: "ada",
  channel: "dashboard",
  action: "mutation.resolve",
  subjectType: "mutation",
  subjectId: "m1",
  details: { verdict: "happened" },
};
const pausing: NewAuditEntry = { ...resolving, actor: "bob", channel: "api", action: "workflow.pause" };

describeStore("AuditStore", {
  "notes that an action begins, and what came of it": async ({ stores, tx }) => {
    const entry = await stores.audit.create(resolving, 5, tx);
    expect(entry).toMatchObject({
      ...resolving,
      platformId: DEFAULT_PLATFORM_ID,
      at: 5,
      outcome: null,
      completedAt: null,
    });
    await stores.audit.complete(entry.id, { outcome: "refused", message: "It is settled." }, 9, tx);
    expect(await stores.audit.get(entry.id, tx)).toEqual({
      ...entry,
      outcome: "refused",
      message: "It is settled.",
      completedAt: 9,
    });
  },
  "notes an outcome once": async ({ stores, tx }) => {
    const { id } = await stores.audit.create(resolving, 5, tx);
    await stores.audit.complete(id, { outcome: "done" }, 9, tx);
    await expect(stores.audit.complete(id, { outcome: "failed" }, 10, tx)).rejects.toThrow(TransitionConflictError);
    expect(await stores.audit.get(id, tx)).toMatchObject({ outcome: "done", message: null, completedAt: 9 });
  },
  "says that a missing entry is missing": async ({ stores, tx }) => {
    const missing = "nope" as AuditEntryId;
    await expect(stores.audit.get(missing, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.audit.complete(missing, { outcome: "done" }, 9, tx)).rejects.toThrow(NotFoundError);
  },
  "lists by each part of the filter, newest first": async ({ stores, tx }) => {
    const first = await stores.audit.create(resolving, 5, tx);
    const second = await stores.audit.create({ ...pausing, subjectType: "workflow", subjectId: "w1" }, 6, tx);
    const ids = async (filter: AuditFilter) => (await stores.audit.list(filter, tx)).map(({ id }) => id);
    expect(await ids({})).toEqual([second.id, first.id]);
    expect(await ids({ actor: "ada" })).toEqual([first.id]);
    expect(await ids({ action: "workflow.pause" })).toEqual([second.id]);
    expect(await ids({ subjectType: "workflow", subjectId: "w1" })).toEqual([second.id]);
    expect(await ids({ subjectId: "w2" })).toEqual([]);
    expect(await ids({ from: 6 })).toEqual([second.id]);
    expect(await ids({ until: 6 })).toEqual([first.id]);
    expect(await ids({ limit: 1 })).toEqual([second.id]);
    expect(await ids({ before: second.id })).toEqual([first.id]);
    expect(await ids({ text: "VERDICT" })).toEqual([second.id, first.id]);
    expect(await ids({ text: "mutation.res" })).toEqual([first.id]);
  },
  "keeps the platforms apart": async ({ stores, tx }) => {
    const { id: platformId } = await stores.platforms.getOrCreate("other", 1, tx);
    const own = await stores.audit.create({ ...resolving, platformId }, 5, tx);
    await stores.audit.create(resolving, 5, tx);
    expect((await stores.audit.list({ platformId }, tx)).map(({ id }) => id)).toEqual([own.id]);
    await stores.platforms.delete(platformId, tx);
    expect(await stores.audit.list({ platformId }, tx)).toEqual([]);
  },
  "keeps details of every shape and hostile strings, and finds each": async ({ stores, tx }) => {
    for (const details of JSON_VALUES) {
      const { id } = await stores.audit.create({ ...resolving, details }, 5, tx);
      expect((await stores.audit.get(id, tx)).details).toEqual(details);
    }
    for (const actor of HOSTILE_STRINGS.slice(1)) {
      const { id } = await stores.audit.create({ ...resolving, actor, details: null }, 5, tx);
      expect((await stores.audit.list({ text: actor }, tx)).map((entry) => entry.id)).toContain(id);
    }
  },
  "refuses details over the limit, and unknown words": async ({ stores, tx }) => {
    const large = { ...resolving, details: "x".repeat(2 * 1024 * 1024) };
    await expect(stores.audit.create(large, 5, tx)).rejects.toThrow(ValueTooLargeError);
    const telepathy = { ...resolving, channel: "telepathy" as "api" };
    await expect(stores.audit.create(telepathy, 5, tx)).rejects.toThrow(ConstraintViolationError);
    const { id } = await stores.audit.create(resolving, 5, tx);
    const odd = stores.audit.complete(id, { outcome: "maybe" as "done" }, 6, tx);
    await expect(odd).rejects.toThrow(ConstraintViolationError);
  },
});

const digest = (letter: string) => letter.repeat(64);
const newToken = { name: "phone", role: "operator", digest: digest("a") } as const;

async function createToken({ stores, tx }: StoreWorld, letter: string) {
  return stores.accessTokens.create({ ...newToken, digest: digest(letter) }, 5, tx);
}

describeStore("AccessTokenStore", {
  "creates a token and finds it by its digest": async ({ stores, tx }) => {
    const token = await stores.accessTokens.create({ ...newToken, createdBy: "ada", expiresAt: 99 }, 5, tx);
    expect(token).toEqual({
      id: token.id,
      platformId: DEFAULT_PLATFORM_ID,
      ...newToken,
      createdAt: 5,
      createdBy: "ada",
      expiresAt: 99,
      revokedAt: null,
    });
    expect(await stores.accessTokens.findByDigest(digest("a"), tx)).toEqual(token);
    expect(await stores.accessTokens.findByDigest(digest("b"), tx)).toBeNull();
  },
  "finds nothing by hostile strings": async (world) => {
    await createToken(world, "a");
    for (const text of [...HOSTILE_STRINGS, digest("A")]) {
      expect(await world.stores.accessTokens.findByDigest(text, world.tx)).toBeNull();
    }
  },
  "lets two tokens have one name, but not one digest": async (world) => {
    const tokens = [await createToken(world, "a"), await createToken(world, "b")];
    await expect(createToken(world, "a")).rejects.toThrow(ConstraintViolationError);
    expect(await world.stores.accessTokens.list(DEFAULT_PLATFORM_ID, world.tx)).toEqual(tokens.toReversed());
  },
  "revokes a token, and leaves one that was revoked as it is": async (world) => {
    const { stores, tx } = world;
    const token = await createToken(world, "a");
    await stores.accessTokens.revoke(token.id, 7, tx);
    await stores.accessTokens.revoke(token.id, 9, tx);
    expect(await stores.accessTokens.findByDigest(token.digest, tx)).toEqual({ ...token, revokedAt: 7 });
    await expect(stores.accessTokens.revoke("nope" as AccessTokenId, 9, tx)).rejects.toThrow(NotFoundError);
  },
  "keeps the platforms apart": async (world) => {
    const { stores, tx } = world;
    await createToken(world, "a");
    const { id: platformId } = await stores.platforms.getOrCreate("other", 1, tx);
    const own = await stores.accessTokens.create({ ...newToken, platformId, digest: digest("b") }, 5, tx);
    expect(await stores.accessTokens.list(platformId, tx)).toEqual([own]);
    await stores.platforms.delete(platformId, tx);
    expect(await stores.accessTokens.findByDigest(own.digest, tx)).toBeNull();
  },
  "refuses what is no digest, and an unknown role": async ({ stores, tx }) => {
    const short = stores.accessTokens.create({ ...newToken, digest: "a token itself" }, 5, tx);
    await expect(short).rejects.toThrow(ConstraintViolationError);
    const root = stores.accessTokens.create({ ...newToken, role: "root" as "viewer" }, 5, tx);
    await expect(root).rejects.toThrow(ConstraintViolationError);
  },
});
