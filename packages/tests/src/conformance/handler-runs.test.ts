import {
  ConstraintViolationError,
  CorruptRowError,
  IllegalTransitionError,
  NotFoundError,
  TransitionConflictError,
  ValueTooLargeError,
  type RunId,
} from "@millrace/db";
import { expect } from "vitest";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES } from "../support/store-behaviours.ts";

describeStore("HandlerRunStore", {
  "creates an active run and gives it": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    expect(run).toMatchObject({ status: "active", phase: "preparing", attempt: 1, endedAt: null });
    expect(await stores.handlerRuns.get(run.id, tx)).toEqual(run);
    expect(await stores.handlerRuns.find("nope" as RunId, tx)).toBeNull();
  },
  "refuses a second active run of a workflow": async ({ startRun }) => {
    await startRun();
    await expect(startRun()).rejects.toThrow(ConstraintViolationError);
  },
  "moves a run from the position it is in": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    await stores.handlerRuns.transition(
      run,
      run,
      { phase: "prepared", status: "active", prepareResult: { data: 1 } },
      tx,
    );
    expect(await stores.handlerRuns.get(run.id, tx)).toMatchObject({ phase: "prepared", prepareResult: { data: 1 } });
    const ended = {
      phase: "prepared",
      status: "failed:logic",
      error: "wrong",
      errorType: "LogicError",
      endedAt: 9,
    } as const;
    await stores.handlerRuns.transition(run, { phase: "prepared", status: "active" }, ended, tx);
    expect(await stores.handlerRuns.get(run.id, tx)).toMatchObject(ended);
  },
  "keeps when a run came to each phase": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const times = { preparedAt: 11, mutatingAt: 12, mutatedAt: 13, emittingAt: 14 };
    const { preparedAt, ...later } = times;
    expect(run).toMatchObject({ preparedAt: null, mutatingAt: null, mutatedAt: null, emittingAt: null });
    const prepared = { phase: "prepared", status: "active" } as const;
    await stores.handlerRuns.transition(run, run, { ...prepared, preparedAt }, tx);
    expect(await stores.handlerRuns.get(run.id, tx)).toEqual({ ...run, ...prepared, preparedAt });
    await stores.handlerRuns.transition(run, prepared, { phase: "emitting", status: "active", ...later }, tx);
    expect(await stores.handlerRuns.get(run.id, tx)).toMatchObject({ phase: "emitting", ...times });
  },
  "says so when a run is not where it was expected": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const expected = { phase: "prepared", status: "active" } as const;
    await expect(
      stores.handlerRuns.transition(run, expected, { phase: "mutating", status: "active" }, tx),
    ).rejects.toThrow(TransitionConflictError);
    expect(await stores.handlerRuns.get(run.id, tx)).toEqual(run);
  },
  "refuses a phase that goes back, and a change of a finished run": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const back = stores.handlerRuns.transition(
      run,
      { phase: "mutated", status: "active" },
      { phase: "prepared", status: "active" },
      tx,
    );
    await expect(back).rejects.toThrow(IllegalTransitionError);
    const finished = { phase: "committed", status: "committed" } as const;
    await expect(
      stores.handlerRuns.transition(run, finished, { phase: "committed", status: "active" }, tx),
    ).rejects.toThrow(IllegalTransitionError);
  },
  "says that a missing run is missing": async ({ stores, startRun, tx }) => {
    const run = { ...(await startRun()), id: "nope" as RunId };
    await expect(stores.handlerRuns.get(run.id, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.handlerRuns.transition(run, run, { phase: "prepared", status: "active" }, tx)).rejects.toThrow(
      NotFoundError,
    );
  },
  "lists runs by filter, newest first, and those that are active": async ({ stores, workflow, startRun, tx }) => {
    const first = await startRun();
    await stores.handlerRuns.transition(first, first, { phase: "preparing", status: "crashed" }, tx);
    const second = await startRun();
    const ids = async (filter: object) => (await stores.handlerRuns.list(filter, tx)).map(({ id }) => id);
    expect(await ids({ workflowId: workflow.id })).toEqual([second.id, first.id]);
    expect(await ids({ status: "crashed" })).toEqual([first.id]);
    expect(await ids({ handlerName: "addRow", limit: 1 })).toEqual([second.id]);
    expect(await ids({ handlerName: "other" })).toEqual([]);
    expect((await stores.handlerRuns.listActive(tx)).map(({ id }) => id)).toEqual([second.id]);
  },
  "finds the run that retries another": async ({ stores, startRun, tx }) => {
    const first = await startRun();
    await stores.handlerRuns.transition(first, first, { phase: "preparing", status: "crashed" }, tx);
    const retry = await stores.handlerRuns.create({ ...first, retryOf: first.id, attempt: 2 }, 3, tx);
    expect((await stores.handlerRuns.listRetriesOf(first.id, tx)).map(({ id }) => id)).toEqual([retry.id]);
    expect(await stores.handlerRuns.listRetriesOf(retry.id, tx)).toEqual([]);
  },
  "keeps states and results of every shape": async ({ stores, startRun, tx }) => {
    const first = await startRun();
    await stores.handlerRuns.transition(first, first, { phase: "preparing", status: "crashed" }, tx);
    let last = first;
    for (const value of JSON_VALUES.filter((shape) => shape !== null)) {
      last = await stores.handlerRuns.create({ ...first, inputState: value, prepareResult: value }, 3, tx);
      expect(await stores.handlerRuns.get(last.id, tx)).toEqual(last);
      await stores.handlerRuns.transition(
        last,
        last,
        { phase: "preparing", status: "crashed", outputState: value },
        tx,
      );
      expect((await stores.handlerRuns.get(last.id, tx)).outputState).toEqual(value);
    }
  },
  "refuses a prepare result over the limit": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const patch = { phase: "prepared", status: "active", prepareResult: "x".repeat(2 * 1024 * 1024) } as const;
    await expect(stores.handlerRuns.transition(run, run, patch, tx)).rejects.toThrow(ValueTooLargeError);
  },
  "appends log lines in order, whatever is in them": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    const lines = HOSTILE_STRINGS.map((message, at) => ({ at, level: "info" as const, message, data: { message } }));
    await stores.handlerRuns.appendLogs(run.id, lines.slice(0, 2), tx);
    await stores.handlerRuns.appendLogs(run.id, [], tx);
    await stores.handlerRuns.appendLogs(run.id, lines.slice(2), tx);
    expect(await stores.handlerRuns.listLogs(run.id, tx)).toEqual(lines);
  },
  "deletes a run with its log": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    await stores.handlerRuns.appendLogs(run.id, [{ at: 1, level: "warn", message: "m", data: null }], tx);
    expect(await stores.handlerRuns.delete(run.id, tx)).toBe(1);
    expect(await stores.handlerRuns.delete(run.id, tx)).toBe(0);
    expect(await stores.handlerRuns.listLogs(run.id, tx)).toEqual([]);
  },
  "names table, row and column of malformed JSON": async ({ database, stores, startRun, tx }) => {
    const { id } = await startRun();
    await database.transaction(
      ({ executor }) =>
        executor.updateTable("handler_runs").set({ prepare_result: "nope" }).where("id", "=", id).execute(),
      tx,
    );
    const error: unknown = await stores.handlerRuns.get(id, tx).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CorruptRowError);
    expect(error).toMatchObject({ table: "handler_runs", id, column: "prepare_result" });
  },
});
