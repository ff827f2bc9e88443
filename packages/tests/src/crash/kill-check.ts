/** Whether what is known of a ground at its end is as it must be. */
import type { Facts, MutationFact } from "./kill-facts.ts";
import { MUTE_WORKFLOW, type EffectKind } from "./kill-world.ts";

/** What there was, and what is wrong with it: every list must be empty. */
export interface Findings {
  /** Events in the database, and things that were acknowledged to those who asked. */
  published: number;
  acknowledged: number;
  /** Accepted by the receiver, and items in the file's rows. */
  accepted: number;
  rows: number;
  /** Effects of jobs that may be repeated, beyond the first of each. */
  repeated: number;
  uncertain: number;
  settledByAsking: number;
  settledByPerson: number;
  /** By what the call itself gave at last, after its time was over. */
  settledLate: number;
  duplicated: string[];
  lost: string[];
  /** Uncertain mutations that were neither found out about nor listed for a person. */
  unaccounted: string[];
  /** Where the ledger and the outside world do not agree. */
  disagreeing: string[];
  /** Anything else: damage, runs that are still active, effects of a life that was refused. */
  unsound: string[];
}

/** The lists that must be empty. */
export const FAULTS = ["duplicated", "lost", "unaccounted", "disagreeing", "unsound"] as const;

export function checkFacts(facts: Facts): Findings {
  const { events, mutations, acknowledged, accepted, rows } = facts;
  const uncertain = mutations.filter(({ uncertainSince }) => uncertainSince !== null);
  const byAsking = uncertain.filter(({ resolvedBy }) => resolvedBy === "reconcile");
  const byPerson = uncertain.filter(({ resolvedBy, id }) => resolvedBy === "the person" && facts.listed.has(id));
  const late = uncertain.filter(({ resolvedBy }) => resolvedBy === "late answer");
  const accounted = new Set([...byAsking, ...byPerson, ...late].map(({ id }) => id));
  return {
    published: events.found.length + events.sent.length + events.wanted.length,
    acknowledged: acknowledged.length,
    accepted: accepted.length,
    rows: rows.length,
    repeated: [...countOf(facts, "repeat").values()].reduce((sum, count) => sum + count - 1, 0),
    uncertain: uncertain.length,
    settledByAsking: byAsking.length,
    settledByPerson: byPerson.length,
    settledLate: late.length,
    duplicated: findDuplicated(facts),
    lost: findLost(facts),
    unaccounted: uncertain.filter(({ id }) => !accounted.has(id)).map(describe),
    disagreeing: findDisagreements(facts),
    unsound: findUnsound(facts),
  };
}

function countOf({ accepted }: Facts, kind: EffectKind): Map<string, number> {
  return tally(accepted.filter((acceptance) => acceptance.kind === kind).map(({ item }) => item));
}

function tally(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function findDuplicated(facts: Facts): string[] {
  const twice = (what: string, counts: ReadonlyMap<string, number>) =>
    [...counts].filter(([, count]) => count > 1).map(([item, count]) => `${what} ${item} ${count} times`);
  return [
    ...(["asked", "mute", "once"] as const).flatMap((kind) => twice(kind, countOf(facts, kind))),
    ...twice("row", tally(facts.rows)),
  ];
}

/** What was offered, published or acknowledged, and has not come to its end. */
function findLost(facts: Facts): string[] {
  const { events, offered, acknowledged, jobs } = facts;
  const asked = countOf(facts, "asked");
  const mute = countOf(facts, "mute");
  const repeat = countOf(facts, "repeat");
  const rows = new Set(facts.rows);
  const found = new Set(events.found.map(({ messageId }) => messageId));
  const wanted = new Set(events.wanted.map(({ messageId }) => messageId));
  const scheduled = new Map(jobs.map(({ kind, item, status }) => [`${kind} ${item}`, status]));
  const offers = Array.from({ length: offered }, (_, index) => `offer-${index + 1}`);
  const isThere: Record<string, (item: string) => boolean> = {
    asked: (item) => found.has(item),
    mute: (item) => wanted.has(item),
    once: (item) => scheduled.has(`once ${item}`),
    repeat: (item) => scheduled.has(`repeat ${item}`),
  };
  const ended = (item: string, kind: string) => scheduled.get(`${kind} ${item}`) ?? "";
  return [
    ...offers.filter((item) => !found.has(item)).map((item) => `${item} was not published`),
    ...acknowledged.filter((line) => !isKnown(isThere, line)).map((line) => `${line} was acknowledged and is gone`),
    ...[...found].filter((item) => !asked.has(item)).map((item) => `asked ${item} was not sent`),
    ...[...found].filter((item) => !rows.has(item)).map((item) => `asked ${item} has no row`),
    ...[...wanted].filter((item) => !mute.has(item)).map((item) => `mute ${item} was not sent`),
    ...Object.values(events)
      .flat()
      .filter(({ status }) => status !== "consumed")
      .map(({ messageId, status }) => `event ${messageId} is ${status}`),
    ...jobs
      .filter(({ kind, item }) => kind === "repeat" && (ended(item, kind) !== "success" || !repeat.has(item)))
      .map(({ item, status }) => `job repeat ${item} is ${status}, with ${repeat.get(item) ?? 0} effects`),
    ...jobs
      .filter(
        ({ kind, status }) => kind === "once" && status !== "success" && status !== "failed" && status !== "timeout",
      )
      .map(({ item, status }) => `job once ${item} is ${status}`),
  ];
}

function isKnown(isThere: Readonly<Record<string, (item: string) => boolean>>, line: string): boolean {
  const [kind = "", item = ""] = line.split(" ");
  return isThere[kind]?.(item) ?? false;
}

/** A key is in the receiver's record once if the ledger says that it happened, and not at all if it says otherwise. */
function findDisagreements({ mutations, accepted, jobs }: Facts): string[] {
  const sent = mutations.filter(({ connector }) => connector === "receiver");
  const claimed = new Set(sent.filter(hasHappened).map(({ idempotencyKey }) => idempotencyKey));
  const recorded = tally(accepted.filter(({ kind }) => kind === "asked" || kind === "mute").map(({ key }) => key));
  const agrees = ({ idempotencyKey: key }: MutationFact) => (recorded.get(key) ?? 0) === (claimed.has(key) ? 1 : 0);
  const known = new Set(sent.map(({ idempotencyKey }) => idempotencyKey));
  const successes = jobs.filter(({ status }) => status === "success").map(({ kind, item }) => `${kind} ${item}`);
  const acted = new Set(accepted.map(({ kind, item }) => `${kind} ${item}`));
  return [
    ...sent
      .filter((mutation) => !agrees(mutation))
      .map((mutation) => `${describe(mutation)}: accepted ${recorded.get(mutation.idempotencyKey) ?? 0} times`),
    ...[...recorded.keys()].filter((key) => !known.has(key)).map((key) => `${key} is in no ledger`),
    ...successes.filter((job) => !acted.has(job)).map((job) => `job ${job} has succeeded without an effect`),
  ];
}

function hasHappened({ status, resolution }: MutationFact): boolean {
  return status === "applied" || resolution === "happened";
}

function findUnsound(facts: Facts): string[] {
  const { damage, activeRuns, accepted, refusedLives, mutations } = facts;
  return [
    ...damage,
    ...(activeRuns > 0 ? [`${activeRuns} runs are active though nobody lives`] : []),
    ...accepted.filter(({ life }) => refusedLives.has(life)).map(({ life, item }) => `life ${life} sent ${item}`),
    ...mutations
      .filter(({ workflow, resolvedBy }) => workflow === MUTE_WORKFLOW && resolvedBy === "reconcile")
      .map((mutation) => `${describe(mutation)} was settled by asking, which it can't be`),
  ];
}

function describe({ title, status, resolution, idempotencyKey }: MutationFact): string {
  return `"${title}" (${status}${resolution ? `, ${resolution}` : ""}, key ${idempotencyKey})`;
}
