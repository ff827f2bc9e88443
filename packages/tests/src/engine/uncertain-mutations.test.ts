import { NotResolvableError } from "@millrace/agent";
import { afterEach, describe, expect, test } from "vitest";
import { openPostOffice, positions, type PostOffice, type PostOfficeOptions } from "../support/post-office.ts";

let office: PostOffice;
const open = async (options: PostOfficeOptions = {}) => (office = await openPostOffice(options));
afterEach(() => office.test.close());

const by = { by: "ada", evidence: "looked into the mailbox" };

describe("an outcome that is definite", () => {
  test("a call that goes well is applied, with its result, and happens once", async () => {
    await open();
    await office.post("bob");
    expect(await office.mutation()).toMatchObject({ status: "applied", result: { to: "bob" }, title: "post.send" });
    expect(office.send.effects).toHaveLength(1);
    expect(positions(await office.runs())).toEqual(["committed/committed"]);
  });

  test("a refusal ends the run as failed:logic, frees its events and asks a person", async () => {
    await open();
    office.send.script("definite-failure");
    await office.post("bob");
    expect(await office.mutation()).toMatchObject({ status: "failed", error: "scripted: refused" });
    expect(positions(await office.runs())).toEqual(["mutating/failed:logic"]);
    expect((await office.test.engine.status())[0]).toMatchObject({
      error: "scripted: refused",
      pending: { letter: 1 },
    });
    expect(await office.attention()).toEqual(["scripted: refused"]);
    await office.test.engine.retry("letters", by);
    await office.test.runUntilIdle();
    expect(office.send.effects).toHaveLength(1);
    expect(await office.attention()).toEqual([]);
  });

  test("a failure before anything was sent is retried with backoff, under a new key", async () => {
    await open();
    office.send.script("failure-before-send", "failure-before-send");
    await office.post("bob");
    expect(office.send.calls).toHaveLength(1);
    await office.test.advance("2s");
    expect(office.send.calls).toHaveLength(2);
    await office.test.advance("4s");
    expect(office.send.effects).toHaveLength(1);
    expect(new Set(office.send.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
    const runs = await office.runs();
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(runs.map(({ retryOf }) => retryOf)).toEqual([null, runs[0]!.id, runs[1]!.id]);
  });

  test("the fifth transient failure in a row asks a person", async () => {
    await open();
    office.send.script(...Array.from({ length: 5 }, () => "failure-before-send" as const));
    await office.post("bob");
    await office.test.advance("1h");
    expect(office.send.calls).toHaveLength(5);
    expect(await office.attention()).toHaveLength(1);
    await office.test.engine.retry("letters", by);
    await office.test.runUntilIdle();
    expect(office.send.effects).toHaveLength(1);
  });

  test("a rate limit waits as long as the other side asks", async () => {
    await open();
    office.send.script("rate-limit");
    await office.post("bob");
    await office.test.advance("59s");
    expect(office.send.calls).toHaveLength(1);
    await office.test.advance("1s");
    expect(office.send.effects).toHaveLength(1);
  });

  test("refused credentials wait for a person, and go on when asked", async () => {
    await open();
    office.send.script("auth-failure");
    await office.post("bob");
    expect(positions(await office.runs())).toEqual(["mutating/paused:approval"]);
    await office.test.advance("1d");
    expect(office.send.calls).toHaveLength(1);
    await office.test.engine.retry("letters", by);
    await office.test.runUntilIdle();
    expect(office.send.effects).toHaveLength(1);
  });
});

describe("an outcome that is not known", () => {
  test("the connector is asked at once; if it happened, the run goes on and nothing is sent again", async () => {
    await open();
    office.send.script("timeout-after-send");
    await office.post("bob");
    expect(await office.mutation()).toMatchObject({ status: "applied", resolvedBy: "reconcile" });
    expect(office.send.calls).toHaveLength(1);
    expect(positions(await office.runs())).toEqual(["mutated/paused:reconciliation", "committed/committed"]);
  });

  test("'not applied' counts only after the settle window, and is asked once more before anything is sent again", async () => {
    await open({ settleMs: 60_000 });
    office.send.script("timeout-without-effect");
    await office.post("bob");
    expect(office.send.questions()).toBe(1);
    await office.test.advance("59s");
    expect(office.send.questions()).toBe(1);
    await office.test.advance("1s");
    expect(office.send.questions()).toBe(2);
    expect(office.send.calls).toHaveLength(1);
    await office.test.advance("1s");
    expect(office.send.questions()).toBe(3);
    expect(office.send.effects).toHaveLength(1);
    const [first, second] = office.send.calls;
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
  });

  test("an effect that shows late, inside the settle window, is found", async () => {
    await open({ settleMs: 60_000 });
    office.send.script("timeout-after-send");
    office.send.answer("not_applied");
    await office.post("bob");
    await office.test.advance("1m");
    expect(office.send.effects).toHaveLength(1);
    expect(await office.mutation()).toMatchObject({ status: "applied" });
  });

  test("'retry' is asked again with backoff, up to the limit of attempts; then a person is asked", async () => {
    await open({ policy: { reconcile: { maxAttempts: 4 } } });
    office.send.script("timeout-after-send");
    office.send.answer("retry", "retry", "retry", "retry");
    await office.post("bob");
    await office.test.advance("1h");
    expect(office.send.questions()).toBe(4);
    expect(await office.mutation()).toMatchObject({ status: "indeterminate" });
    const [message] = await office.attention();
    expect(message).toContain('It is not known whether "post.send" happened (post.send with {"to":"bob"})');
  });

  test("the deadline ends the asking too", async () => {
    await open({ policy: { reconcile: { maxAttempts: 1_000, deadlineMs: 60_000 } } });
    office.send.script("timeout-after-send");
    office.send.answer(...Array.from({ length: 50 }, () => "retry" as const));
    await office.post("bob");
    await office.test.advance("1h");
    expect(await office.mutation()).toMatchObject({ status: "indeterminate" });
  });

  test.each(["inconclusive", "garbage"] as const)("an answer that is %s asks a person at once", async (answer) => {
    await open();
    office.send.script("timeout-after-send");
    office.send.answer(answer);
    await office.post("bob");
    expect(await office.mutation()).toMatchObject({ status: "indeterminate" });
    expect(await office.attention()).toHaveLength(1);
    await office.test.advance("1d");
    expect(office.send.calls).toHaveLength(1);
  });

  test("an operation that can't be asked, and a connector that breaks, ask a person", async () => {
    await open({ reconcile: false });
    office.send.script("crash");
    await office.post("bob");
    expect(await office.mutation()).toMatchObject({ status: "indeterminate" });
    await office.post("eve");
    expect(office.send.calls).toHaveLength(1);
  });

  test("a call that never answers is uncertain after its time; its late answer is noted and changes nothing silently", async () => {
    await open({ policy: { call: { mutationTimeoutMs: 1_000 } } });
    office.send.script("hang-after-send");
    await office.test.engine.publish("letters", "letter", { messageId: "bob", payload: { to: "bob" } });
    await office.test.advance("2s");
    expect(await office.mutation()).toMatchObject({ status: "applied", resolvedBy: "reconcile" });
    expect(office.send.effects).toHaveLength(1);
  });
});

describe("what a person says about it", () => {
  async function becomeUncertain(): Promise<void> {
    await open({ reconcile: false });
    office.send.script("timeout-after-send");
    await office.post("bob");
  }

  test("happened: the run continues in next, with the result that was given", async () => {
    const outcomes: unknown[] = [];
    await open({ reconcile: false, onNext: (outcome) => outcomes.push(outcome) });
    office.send.script("timeout-after-send");
    await office.post("bob");
    const { id } = await office.mutation();
    await office.test.engine.resolveMutation(id, { verdict: "happened", result: { to: "bob" }, ...by });
    await office.test.runUntilIdle();
    expect(outcomes).toEqual([{ status: "applied", result: { to: "bob" } }]);
    expect(await office.mutation()).toMatchObject({
      status: "applied",
      resolution: "happened",
      resolvedBy: "ada",
      evidence: by.evidence,
    });
    expect(await office.attention()).toEqual([]);
    expect(office.send.calls).toHaveLength(1);
  });

  test("did not happen: its events are free, and a fresh run sends it under the same key", async () => {
    await becomeUncertain();
    const { id } = await office.mutation();
    await office.test.engine.resolveMutation(id, { verdict: "did_not_happen", ...by });
    await office.test.runUntilIdle();
    expect(office.send.calls).toHaveLength(2);
    expect(new Set(office.send.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(await office.attention()).toEqual([]);
  });

  test("skip: the row says that nobody knows, and next runs with outcome skipped", async () => {
    const outcomes: string[] = [];
    await open({ reconcile: false, onNext: ({ status }) => outcomes.push(status) });
    office.send.script("timeout-after-send");
    await office.post("bob");
    await office.test.engine.resolveMutation((await office.mutation()).id, { verdict: "skip", ...by });
    await office.test.runUntilIdle();
    expect(outcomes).toEqual(["skipped"]);
    expect(await office.mutation()).toMatchObject({ status: "indeterminate", resolution: "skip", resolvedBy: "ada" });
    expect(await office.test.engine.outputs({ unresolved: true })).toEqual([]);
  });

  test("try again: the connector is asked anew", async () => {
    await open();
    office.send.script("timeout-after-send");
    office.send.answer("inconclusive");
    await office.post("bob");
    await office.test.engine.resolveMutation((await office.mutation()).id, { verdict: "try_again", ...by });
    await office.test.runUntilIdle();
    expect(await office.mutation()).toMatchObject({ status: "applied", resolvedBy: "reconcile" });
    expect(office.send.calls).toHaveLength(1);
  });

  test("each decision is a line in the log of the run, and what is settled can't be settled again", async () => {
    await becomeUncertain();
    const { id, handlerRunId } = await office.mutation();
    await office.test.engine.resolveMutation(id, { verdict: "happened", ...by });
    const { logs } = await office.test.engine.run(handlerRunId);
    expect(logs.at(-1)).toMatchObject({
      message: "resolved as happened by ada",
      data: { mutation: id, evidence: by.evidence },
    });
    await expect(office.test.engine.resolveMutation(id, { verdict: "did_not_happen", ...by })).rejects.toThrow(
      NotResolvableError,
    );
  });

  test("an outage is settled at once for a connector and a time span, after a dry run", async () => {
    await becomeUncertain();
    const { id, createdAt } = await office.mutation();
    const selector = { connector: "post", from: createdAt, before: createdAt + 1 };
    const verdict = { verdict: "did_not_happen", ...by } as const;
    expect(await office.test.engine.resolveMutations(selector, verdict, { dryRun: true })).toEqual({
      matched: [id],
      resolved: [],
      refused: [],
    });
    expect(office.send.calls).toHaveLength(1);
    expect((await office.test.engine.resolveMutations({ ...selector, connector: "other" }, verdict)).matched).toEqual(
      [],
    );
    expect((await office.test.engine.resolveMutations(selector, verdict)).resolved).toEqual([id]);
    await office.test.runUntilIdle();
    expect(office.send.calls).toHaveLength(2);
  });

  test("a run that waits for a verdict can't be retried by hand", async () => {
    await becomeUncertain();
    await expect(office.test.engine.retry("letters", by)).rejects.toThrow(NotResolvableError);
  });
});

describe("approval", () => {
  test("the very parameters that are approved are sent, and mutate is not run again", async () => {
    let mutated = 0;
    await open({ approval: "required", onMutate: () => (mutated += 1) });
    await office.post("bob");
    expect(office.send.calls).toEqual([]);
    const mutation = await office.mutation();
    expect(mutation).toMatchObject({ status: "pending", params: { to: "bob" } });
    await office.test.advance("1d");
    expect(office.send.calls).toEqual([]);
    await expect(office.test.engine.retry("letters", by)).rejects.toThrow(NotResolvableError);
    await office.test.engine.approve(mutation.id, by);
    await office.test.runUntilIdle();
    expect(office.send.effects.map(({ params }) => params)).toEqual([{ to: "bob" }]);
    expect(mutated).toBe(1);
    expect(await office.mutation()).toMatchObject({
      status: "applied",
      approvedBy: "ada",
      approvalEvidence: by.evidence,
    });
    expect(positions(await office.runs())).toEqual(["committed/committed"]);
  });

  test("what is rejected is not sent, and next runs with outcome skipped", async () => {
    const outcomes: string[] = [];
    await open({ approval: "required", onNext: ({ status }) => outcomes.push(status) });
    await office.post("bob");
    const { id } = await office.mutation();
    await office.test.engine.approve(id, { ...by, approved: false });
    await office.test.runUntilIdle();
    expect(office.send.calls).toEqual([]);
    expect(outcomes).toEqual(["skipped"]);
    await expect(office.test.engine.approve(id, by)).rejects.toThrow(NotResolvableError);
  });

  test("what waits for approval is withdrawn when its input is skipped", async () => {
    await open({ approval: "required" });
    await office.post("bob");
    const [input] = await office.test.engine.inputs();
    expect(await office.test.engine.skipInput(input!.id)).toMatchObject({
      skipped: true,
      abortedRuns: [expect.any(String)],
    });
    await office.test.runUntilIdle();
    expect(await office.mutation()).toMatchObject({ status: "failed", error: "Withdrawn: an input was skipped." });
    expect(positions(await office.runs())).toEqual(["prepared/aborted"]);
    expect((await office.test.engine.status())[0]).toMatchObject({ pending: { letter: 0 }, openNotifications: 0 });
  });
});

describe("after the mutation", () => {
  test("a next that fails is run again with the same preparation, and the mutation is not", async () => {
    let failing = true;
    await open({
      onNext: () => {
        if (failing) throw new Error("not yet");
      },
    });
    await office.post("bob");
    expect(positions(await office.runs())).toEqual(["emitting/failed:logic"]);
    expect((await office.test.engine.status())[0]).toMatchObject({ pending: { letter: 0 } });
    failing = false;
    await office.test.engine.retry("letters", by);
    await office.test.runUntilIdle();
    expect(positions(await office.runs())).toEqual(["emitting/failed:logic", "committed/committed"]);
    expect(office.send.calls).toHaveLength(1);
    expect((await office.test.engine.status())[0]).toMatchObject({ pending: { sent: 1 } });
  });

  test("every mutation traces back to the inputs that caused it", async () => {
    await open();
    await office.post("bob");
    await office.post("eve");
    const inputs = await office.test.engine.inputs();
    for (const { id, externalId } of inputs) {
      const outputs = await office.test.engine.outputs({ inputId: id });
      expect(outputs.map(({ params }) => params)).toEqual([{ to: externalId }]);
    }
    expect(inputs).toHaveLength(2);
  });
});
