import { describe, expect, test } from "vitest";
import { asSentence, describeUnknown, explainUnknown } from "./unknown-outcome.ts";

const mutation = {
  title: "a payment",
  connector: "bank",
  operation: "pay",
  error: null,
  status: "indeterminate",
  params: { to: "ada" },
  idempotencyKey: "run-1",
  sentAt: null,
  reconcileAttempts: 0,
} as const;

describe("a person who is asked about a call of unknown outcome", () => {
  test("is told what it was, with what, and why nobody knows", () => {
    expect(describeUnknown(mutation, "the answer never came")).toBe(
      'It is not known whether "a payment" happened (bank.pay with {"to":"ada"}). Why: the answer never came. Check on the other side, then say what you found.',
    );
  });

  test("is not told all of a long text", () => {
    const long = { ...mutation, params: "x".repeat(1_000) };
    const message = describeUnknown(long, "cut off.");
    expect(message).toContain(`with "${"x".repeat(499)}…)`);
    expect(message).not.toContain("x".repeat(500));
  });

  test("is told where to look, and by which key", () => {
    const { why, check } = explainUnknown(mutation, true);
    expect(why).toBe("No answer came.");
    expect(check).toBe('Look on the other side of "bank" whether "a payment" is there (pay, idempotency key run-1).');
    const sent = explainUnknown({ ...mutation, sentAt: 0, error: "Timed out!" }, false);
    expect(sent.why).toBe("Timed out!");
    expect(sent.check).toContain("(pay, sent at 1970-01-01T00:00:00.000Z, idempotency key run-1)");
  });

  test("is told when the code is not here that could say whether the connector can be asked", () => {
    expect(explainUnknown(mutation, null).check).toContain("The code of its workflow does not run here");
  });

  test.each([
    [0, "so far 0 times"],
    [1, "so far once"],
    [2, "so far 2 times"],
  ])("need not decide while the connector is asked (%i)", (reconcileAttempts, words) => {
    const asked = { ...mutation, status: "needs_reconcile", reconcileAttempts } as const;
    expect(explainUnknown(asked, true).why).toContain(words);
  });
});

test("a text becomes a sentence, and a sentence stays one", () => {
  expect(["so", "so.", "so?", "so!", "so…"].map(asSentence)).toEqual(["so.", "so.", "so?", "so!", "so…"]);
});
