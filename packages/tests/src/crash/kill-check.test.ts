import { describe, expect, test } from "vitest";
import { checkFacts, FAULTS, type Findings } from "./kill-check.ts";
import type { Facts, MutationFact } from "./kill-facts.ts";
import { recordLine, readRecord, type Acceptance } from "./receiver-record.ts";

const PLACE = "0.0";

function acceptance(kind: string, item: string, key: string): Acceptance {
  return { kind, place: PLACE, life: "1", item, key };
}

function mutation(key: string, more: Partial<MutationFact> = {}): MutationFact {
  return {
    // Made up: nothing looks it up.
    id: `mutation-${key}` as MutationFact["id"],
    title: `send ${key}`,
    connector: "receiver",
    idempotencyKey: key,
    status: "applied",
    resolution: null,
    resolvedBy: null,
    uncertainSince: null,
    workflow: "asked",
    ...more,
  };
}

const RECORD = [
  acceptance("asked", "offer-1", "key-1"),
  acceptance("mute", "1-1", "key-2"),
  acceptance("once", "1-2", "key-3"),
  acceptance("repeat", "1-3", "key-4"),
  acceptance("repeat", "1-3", "key-4"),
];

/** What a ground looks like on which all went well. */
function sound(change: { record?: readonly Acceptance[] } & Partial<Facts> = {}): Facts {
  const { record = RECORD, ...others } = change;
  const text = record.map(recordLine).join("");
  return {
    offered: 1,
    acknowledged: ["mute 1-1", "once 1-2", "repeat 1-3"],
    listed: new Set(["mutation-key-2"]),
    refusedLives: new Set(["2"]),
    accepted: readRecord(text, PLACE),
    rows: ["offer-1"],
    events: {
      found: [{ messageId: "offer-1", status: "consumed" }],
      sent: [{ messageId: "offer-1", status: "consumed" }],
      wanted: [{ messageId: "1-1", status: "consumed" }],
    },
    mutations: [
      mutation("key-1", { uncertainSince: 1, resolvedBy: "reconcile" }),
      mutation("key-2", {
        workflow: "mute",
        status: "indeterminate",
        resolution: "happened",
        uncertainSince: 1,
        resolvedBy: "the person",
      }),
    ],
    jobs: [
      { kind: "once", item: "1-2", status: "failed" },
      { kind: "repeat", item: "1-3", status: "success" },
    ],
    activeRuns: 0,
    damage: [],
    ...others,
  };
}

function faultsOf(facts: Facts): Partial<Pick<Findings, (typeof FAULTS)[number]>> {
  const findings = checkFacts(facts);
  return Object.fromEntries(
    FAULTS.filter((fault) => findings[fault].length > 0).map((fault) => [fault, findings[fault]]),
  );
}

describe("the check of what killed lives leave", () => {
  test("finds nothing where all is well, and counts it", () => {
    expect(faultsOf(sound())).toEqual({});
    expect(checkFacts(sound())).toMatchObject({
      published: 3,
      accepted: 5,
      repeated: 1,
      uncertain: 2,
      settledByAsking: 1,
      settledByPerson: 1,
    });
  });

  test("counts what the call itself has settled after its time was over", () => {
    const [first, ...others] = sound().mutations;
    const late = { ...first!, resolvedBy: "late answer" };
    const facts = sound({ mutations: [late, ...others] });
    expect(faultsOf(facts)).toEqual({});
    expect(checkFacts(facts)).toMatchObject({ settledByAsking: 0, settledLate: 1 });
  });

  test("leaves out what the record says of another place", () => {
    const elsewhere = { ...acceptance("asked", "offer-1", "key-1"), place: "0.1" };
    expect(faultsOf(sound({ record: [...RECORD, elsewhere] }))).toEqual({});
  });

  test.each(["asked offer-1", "mute 1-1", "once 1-2"])("finds %s twice in the receiver's record", (what) => {
    const again = RECORD.filter(({ kind, item }) => `${kind} ${item}` === what);
    expect(faultsOf(sound({ record: [...RECORD, ...again] })).duplicated).toEqual([`${what} 2 times`]);
  });

  test("finds a key that was accepted twice, which the ledger has once", () => {
    const again = acceptance("asked", "offer-1", "key-1");
    expect(faultsOf(sound({ record: [...RECORD, again] })).disagreeing).toHaveLength(1);
  });

  test("finds a row that was written twice", () => {
    expect(faultsOf(sound({ rows: ["offer-1", "offer-1"] }))).toEqual({ duplicated: ["row offer-1 2 times"] });
  });

  test.each([
    ["asked", "asked offer-1 was not sent"],
    ["mute", "mute 1-1 was not sent"],
  ])("finds that a line of the kind %s is missing in the receiver's record", (gone, lost) => {
    const faults = faultsOf(sound({ record: RECORD.filter(({ kind }) => kind !== gone) }));
    expect(faults.lost).toEqual([lost]);
    expect(faults.disagreeing).toHaveLength(1);
  });

  test("finds that a job which must act has not", () => {
    const faults = faultsOf(sound({ record: RECORD.filter(({ kind }) => kind !== "repeat") }));
    expect(faults.lost).toEqual(["job repeat 1-3 is success, with 0 effects"]);
    expect(faults.disagreeing).toEqual(["job repeat 1-3 has succeeded without an effect"]);
  });

  test.each(["asked 1-9", "mute 1-9", "once 1-9", "repeat 1-9"])(
    "finds that %s was acknowledged and is gone",
    (line) => {
      expect(faultsOf(sound({ acknowledged: [line] }))).toEqual({ lost: [`${line} was acknowledged and is gone`] });
    },
  );

  test("finds an offer that was passed over, and a row that is missing", () => {
    expect(faultsOf(sound({ offered: 2 }))).toEqual({ lost: ["offer-2 was not published"] });
    expect(faultsOf(sound({ rows: [] }))).toEqual({ lost: ["asked offer-1 has no row"] });
  });

  test("finds an event and a job that have not come to their end", () => {
    const { events, jobs } = sound();
    const waiting = { ...events, sent: [{ messageId: "offer-1", status: "reserved" as const }] };
    expect(faultsOf(sound({ events: waiting }))).toEqual({ lost: ["event offer-1 is reserved"] });
    const running = jobs.map((job) => (job.kind === "once" ? { ...job, status: "running" } : job));
    expect(faultsOf(sound({ jobs: running }))).toEqual({ lost: ["job once 1-2 is running"] });
  });

  test("finds an uncertain mutation that nobody was told of", () => {
    expect(faultsOf(sound({ listed: new Set() })).unaccounted).toHaveLength(1);
  });

  test("finds an effect of which the ledger says that it did not happen, or knows nothing", () => {
    const [first, second] = sound().mutations;
    const denied = [mutation("key-1", { status: "failed" }), second!];
    expect(faultsOf(sound({ mutations: denied })).disagreeing).toEqual([
      '"send key-1" (failed, key key-1): accepted 1 times',
    ]);
    expect(faultsOf(sound({ mutations: [first!] })).disagreeing).toEqual(["key-2 is in no ledger"]);
  });

  test("finds damage, runs without an engine, effects of a refused life, and answers of who can't be asked", () => {
    expect(faultsOf(sound({ damage: ["a page is lost"] }))).toEqual({ unsound: ["a page is lost"] });
    expect(faultsOf(sound({ activeRuns: 1 })).unsound).toHaveLength(1);
    expect(faultsOf(sound({ refusedLives: new Set(["1"]) })).unsound).toHaveLength(RECORD.length);
    const asked = [
      mutation("key-1"),
      mutation("key-2", { workflow: "mute", uncertainSince: 1, resolvedBy: "reconcile" }),
    ];
    expect(faultsOf(sound({ mutations: asked })).unsound).toHaveLength(1);
  });
});
