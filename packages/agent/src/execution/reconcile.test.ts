import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applied, inconclusive, notApplied, retryLater } from "../connectors/define-connector.ts";
import { resolvePolicy } from "../policy.ts";
import { weighAnswer, type AskedMutation, type ReconcileVerdict } from "./reconcile.ts";

const policy = resolvePolicy({ reconcile: { backoff: { jitter: 0 } } });
const { maxAttempts, deadlineMs } = policy.reconcile;
const asked: AskedMutation = {
  reconcileAttempts: 0,
  notAppliedCount: 0,
  sentAt: 1_000,
  createdAt: 900,
  uncertainSince: 2_000,
};
const terms = { canReconcile: true, settleMs: 60_000 };
const at = (now: number, steadySince = 0) => ({ now, policy, random: 0.5, steadySince });

/** The mutation as it is after a verdict that leaves it open. */
function after(mutation: AskedMutation, verdict: ReconcileVerdict): AskedMutation {
  if (verdict.kind !== "ask_again") throw new Error(`It is settled: ${verdict.kind}.`);
  return { ...mutation, ...verdict.patch };
}

test("applied and inconclusive settle it at once", () => {
  expect(weighAnswer(asked, applied({ id: 1 }), terms, at(2_000))).toEqual({ kind: "applied", result: { id: 1 } });
  expect(weighAnswer(asked, inconclusive("no index"), terms, at(2_000))).toEqual({
    kind: "indeterminate",
    reason: "The connector can't tell: no index",
  });
});

describe("not applied", () => {
  test("before the settle window it proves nothing, and is asked again when the window ends", () => {
    const early = weighAnswer({ ...asked, notAppliedCount: 1 }, notApplied(), terms, at(61_999));
    expect(early).toMatchObject({ patch: { notAppliedCount: 0, nextReconcileAt: 62_000, reconcileAttempts: 1 } });
  });

  test("after the window it is asked once more, and then believed", () => {
    const first = weighAnswer(asked, notApplied(), terms, at(62_000));
    expect(first).toMatchObject({ patch: { notAppliedCount: 1, nextReconcileAt: 63_000 } });
    expect(weighAnswer(after(asked, first), notApplied(), terms, at(63_000))).toEqual({ kind: "not_applied" });
  });

  test("proves nothing until the window has passed since the clock was set: what it shows has not really gone by", () => {
    const dayLater = 86_400_000;
    const verdict = weighAnswer(asked, notApplied(), terms, at(dayLater + 1_000, dayLater));
    expect(verdict).toMatchObject({ patch: { notAppliedCount: 0, nextReconcileAt: dayLater + 60_000 } });
  });

  test("does not wait for a time that lies ahead because the clock was set back", () => {
    const late = { ...asked, sentAt: 86_400_000, uncertainSince: 86_400_000 };
    const verdict = weighAnswer(late, notApplied(), terms, at(5_000, 5_000));
    expect(verdict).toMatchObject({ patch: { nextReconcileAt: 65_000 } });
  });

  test("counts from the call where nobody noted since when it is uncertain, and from the order where it has no call", () => {
    const unsure = { ...asked, uncertainSince: null };
    expect(weighAnswer(unsure, notApplied(), terms, at(60_999))).toMatchObject({ patch: { nextReconcileAt: 61_000 } });
    const unsent = { ...unsure, sentAt: null };
    expect(weighAnswer(unsent, notApplied(), terms, at(60_899))).toMatchObject({ patch: { nextReconcileAt: 60_900 } });
    expect(weighAnswer(unsent, retryLater("busy"), terms, at(900 + deadlineMs)).kind).toBe("indeterminate");
  });

  test("is weighed even after the deadline, because it is an answer", () => {
    expect(weighAnswer(asked, notApplied(), terms, at(2_000 + 10 * deadlineMs)).kind).toBe("ask_again");
  });
});

describe("retry", () => {
  test("is asked again with backoff", () => {
    const first = weighAnswer(asked, retryLater("busy"), terms, at(2_000));
    expect(first).toMatchObject({ patch: { error: "busy", nextReconcileAt: 7_000, lastReconcileAt: 2_000 } });
    const second = weighAnswer(after(asked, first), retryLater("busy"), terms, at(7_000));
    expect(second).toMatchObject({ patch: { reconcileAttempts: 2, nextReconcileAt: 17_000 } });
  });

  test("ends at the limit of attempts", () => {
    const last = { ...asked, reconcileAttempts: maxAttempts - 1 };
    expect(weighAnswer(last, retryLater("busy"), terms, at(2_000))).toEqual({
      kind: "indeterminate",
      reason: `The connector was asked ${maxAttempts} times and could not tell. Last answer: busy`,
    });
  });

  test("is asked for the last time at the deadline", () => {
    const late = { ...asked, reconcileAttempts: 9 };
    const verdict = weighAnswer(late, retryLater("busy"), terms, at(2_000 + deadlineMs - 10));
    expect(verdict).toMatchObject({ patch: { nextReconcileAt: 2_000 + deadlineMs } });
    expect(weighAnswer(after(late, verdict), retryLater("busy"), terms, at(2_000 + deadlineMs)).kind).toBe(
      "indeterminate",
    );
  });
});

test("whatever is answered, asking ends, and nothing is believed not to have happened inside the settle window", () => {
  const answers = fc.array(fc.constantFrom(notApplied(), retryLater("busy")), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(answers, fc.integer({ min: 0, max: 7 * deadlineMs }), (script, settleMs) => {
      let mutation = asked;
      let now = 2_000;
      for (const answer of script) {
        const verdict = weighAnswer(mutation, answer, { canReconcile: true, settleMs }, at(now));
        if (verdict.kind === "not_applied") return now >= 1_000 + settleMs;
        if (verdict.kind !== "ask_again") return true;
        if (verdict.patch.nextReconcileAt <= now) return false;
        mutation = after(mutation, verdict);
        now = verdict.patch.nextReconcileAt;
      }
      return false;
    }),
  );
});
