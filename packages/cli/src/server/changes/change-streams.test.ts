/** Clients that do not keep up, and too many of them. */
import { FakeClock } from "@millrace/agent/testing";
import { DEFAULT_PLATFORM_ID } from "@millrace/db";
import { beforeEach, describe, expect, test } from "vitest";
import type { Identity } from "../authentication/authenticator.ts";
import { RefusedError } from "../problem.ts";
import { ChangeLog } from "./change-log.ts";
import { ChangeStreams } from "./change-streams.ts";

const identity: Identity = {
  principal: { name: "vera", role: "viewer", platformId: DEFAULT_PLATFORM_ID, channel: "api" },
  session: null,
  tokenDigest: null,
  expiresAt: null,
};

let clock: FakeClock;
let log: ChangeLog;
let streams: ChangeStreams;

beforeEach(() => {
  clock = new FakeClock();
  log = new ChangeLog(10);
  streams = new ChangeStreams({ log, clock, limit: 2, isStillGood: async () => true, onError: () => undefined });
});

const append = () =>
  log.append(DEFAULT_PLATFORM_ID, { kind: "job", id: "1", workflow: null, of: null, status: null, at: 0 });

async function heartbeat(): Promise<void> {
  clock.fireNext(Infinity);
  await new Promise(setImmediate);
}

describe("a client", () => {
  test("that takes nothing for two heartbeats is dropped", async () => {
    const { body } = streams.stream(identity, undefined);
    await heartbeat();
    await heartbeat();
    expect(clock.nextTimerAt).toBeNull();
    await expect(body!.getReader().read()).rejects.toThrow("does not read");
  });

  test("that takes what it is sent is kept alive while nothing changes", async () => {
    const reader = streams.stream(identity, undefined).body!.getReader();
    await reader.read();
    for (let beat = 0; beat < 5; beat += 1) {
      const read = reader.read();
      await heartbeat();
      expect(new TextDecoder().decode((await read).value)).toBe(": still here\n\n");
    }
  });

  test("that the log has left behind is let go, so that it comes back and is told", async () => {
    const reader = streams.stream(identity, undefined).body!.getReader();
    const ready = new TextDecoder().decode((await reader.read()).value);
    const [, id] = /^id: (.*)$/m.exec(ready) ?? [];
    for (let change = 0; change < 25; change += 1) append();
    expect((await reader.read()).done).toBe(true);
    const again = streams.stream(identity, id).body!.getReader();
    expect(new TextDecoder().decode((await again.read()).value)).toContain("event: reset");
  });

  test("more than may be open at once is refused until another has gone", async () => {
    const first = streams.stream(identity, undefined);
    streams.stream(identity, undefined);
    expect(() => streams.stream(identity, undefined)).toThrow(RefusedError);
    await first.body!.cancel();
    expect(streams.stream(identity, undefined).status).toBe(200);
  });

  test("whose credential can't be looked at is let go, for nobody knows whether it may still read", async () => {
    const told: unknown[] = [];
    const isStillGood = async () => Promise.reject(new Error("The database is locked."));
    streams = new ChangeStreams({ log, clock, isStillGood, onError: (error) => told.push(error) });
    const reader = streams.stream(identity, undefined).body!.getReader();
    await reader.read();
    const read = reader.read();
    await heartbeat();
    expect((await read).done).toBe(true);
    expect(clock.nextTimerAt).toBeNull();
    expect(told).toHaveLength(1);
  });
});
