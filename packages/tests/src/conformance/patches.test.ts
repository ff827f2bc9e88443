/** A patch changes what it names, and leaves the rest as it was. */
import {
  DEFAULT_PLATFORM_ID,
  ProtectedRowError,
  type HandlerRunPatch,
  type MutationPatch,
  type WorkflowPatch,
} from "@millrace/db";
import { expect } from "vitest";
import { createMutation } from "../support/ledger-rows.ts";
import { describeStore } from "../support/store-behaviours.ts";

const MUTATION: Omit<MutationPatch, "status"> = {
  idempotencyKey: "another",
  result: { row: 1 },
  error: "no answer",
  sentAt: 11,
  approvedBy: "ada",
  approvedAt: 12,
  approvalEvidence: "a letter",
  reconcileAttempts: 3,
  notAppliedCount: 2,
  uncertainSince: 13,
  lastReconcileAt: 14,
  nextReconcileAt: 15,
  resolution: "happened",
  resolvedBy: "ada",
  resolvedAt: 16,
  evidence: "seen",
  lateOutcome: { kind: "applied" },
};

describeStore("A patch", {
  "of a mutation's notes may name any of them, and one changes no other": async (world) => {
    const { stores, tx } = world;
    const mutation = await createMutation(world, "indeterminate");
    let expected = mutation;
    for (const [field, value] of Object.entries(MUTATION)) {
      await stores.mutations.annotate(mutation.id, { [field]: value }, 20, tx);
      expected = { ...expected, [field]: value, updatedAt: 20 };
      expect(await stores.mutations.get(mutation.id, tx)).toEqual(expected);
    }
  },
  "of a mutation's status may bring all notes with it": async (world) => {
    const { stores, tx } = world;
    const mutation = await createMutation(world, "needs_reconcile");
    await stores.mutations.transition(mutation.id, "needs_reconcile", { status: "applied", ...MUTATION }, 20, tx);
    const expected = { ...mutation, ...MUTATION, status: "applied", updatedAt: 20 };
    expect(await stores.mutations.get(mutation.id, tx)).toEqual(expected);
  },
  "of a run may bring all that is kept of it": async (world) => {
    const { stores, startRun, workflow, tx } = world;
    const run = await startRun();
    const session = await stores.sessions.create({ workflowId: workflow.id, trigger: "test" }, 3, tx);
    const mutation = await createMutation({ ...world, startRun: async () => run }, "applied");
    const second = await startRun();
    const patch: HandlerRunPatch = {
      phase: "emitting",
      status: "active",
      sessionId: session.id,
      mutationId: mutation.id,
      mutationOutcome: "applied",
      prepareResult: { data: 1 },
      outputState: { seen: 2 },
      error: "late",
      errorType: "logic",
      preparedAt: 4,
      mutatingAt: 5,
      mutatedAt: 6,
      emittingAt: 7,
      endedAt: 8,
    };
    await stores.handlerRuns.transition(second, second, patch, tx);
    expect(await stores.handlerRuns.get(second.id, tx)).toMatchObject(patch);
    await stores.handlerRuns.transition(second, patch, { phase: "emitting", status: "crashed" }, tx);
    expect(await stores.handlerRuns.get(second.id, tx)).toMatchObject({ ...patch, status: "crashed" });
  },
  "of a workflow may name any of its fields, and one changes no other": async ({ stores, workflow, startRun, tx }) => {
    const run = await startRun();
    const patches: WorkflowPatch[] = [
      { status: "paused" },
      { error: "no such handler" },
      { maintenance: true },
      { maintenance: false },
      { activeScriptId: run.scriptId },
      { pendingRetryRunId: run.id },
      { retryAt: 9 },
      { error: null, retryAt: null },
    ];
    let expected = workflow;
    for (const patch of patches) {
      await stores.workflows.update(workflow.id, patch, 20, tx);
      expected = { ...expected, ...patch, updatedAt: 20 };
      expect(await stores.workflows.get(workflow.id, tx)).toEqual(expected);
    }
  },
});

describeStore("The first platform", {
  "can't be deleted": async ({ stores, tx }) => {
    await expect(stores.platforms.delete(DEFAULT_PLATFORM_ID, tx)).rejects.toThrow(ProtectedRowError);
    expect((await stores.platforms.list(tx)).map(({ id }) => id)).toEqual([DEFAULT_PLATFORM_ID]);
  },
});
