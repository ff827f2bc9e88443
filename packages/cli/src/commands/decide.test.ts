import { existsSync } from "node:fs";
import { createStores, openDatabase, type IdSource } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench, fixture } from "../testing/command-line-test.ts";

const rows = z.array(z.looseObject({ id: z.string(), status: z.string() }));

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

async function firstId(command: "outputs" | "inputs"): Promise<string> {
  return rows.parse(await bench.json(command))[0]!.id;
}

const mutationNow = async () => rows.parse(await bench.json("outputs"))[0];

describe("resolve", () => {
  beforeEach(() => bench.run("run", fixture("payments"), "--once"));

  test.each([
    { word: "happened", resolution: "happened", status: "applied" },
    { word: "did-not-happen", resolution: "did_not_happen", status: "failed" },
    { word: "skip", resolution: "skip", status: "indeterminate" },
  ])("$word is recorded with who and on what grounds", async ({ word, resolution, status }) => {
    const id = await firstId("outputs");
    const { exitCode, stdout } = await bench.run("resolve", id, word, "--by", "anna", "--evidence", "I looked");
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `${id.slice(-8)} "Pay 1": ${status}, resolved as ${resolution} by anna.\n`,
    });
    expect(await mutationNow()).toMatchObject({ status, resolution, resolvedBy: "anna", evidence: "I looked" });
  });

  test("keeps the result that is given with happened", async () => {
    await bench.run("resolve", await firstId("outputs"), "happened", "--result", '{"reference":"R7"}');
    expect(await mutationNow()).toMatchObject({ status: "applied", result: { reference: "R7" } });
  });

  test("prints the mutation as JSON", async () => {
    const id = await firstId("outputs");
    expect(await bench.json("resolve", id.slice(-8).toUpperCase(), "skip")).toMatchObject({ id, resolution: "skip" });
  });

  test("refuses what is settled already", async () => {
    const id = await firstId("outputs");
    await bench.run("resolve", id, "happened");
    const { exitCode, stderr } = await bench.run("resolve", id, "skip");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("only one whose outcome is unknown can be resolved");
  });

  test.each(["ffffffff-0000-7000-8000-000000000000", "%", "none"])("says that there is no mutation %s", async (id) => {
    const { exitCode, stderr } = await bench.run("resolve", id, "skip");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: `error: There is no mutation "${id}".\n` });
  });

  test("rings for a running engine", async () => {
    await bench.run("resolve", await firstId("outputs"), "happened");
    expect(existsSync(`${bench.databasePath}-doorbell`)).toBe(true);
  });

  describe("many at once", () => {
    const span = ["--connector", "bank", "--from", "2020-01-01T00:00:00Z", "--before", "2100-01-01T00:00:00+01:00"];

    test("only says which with --dry-run", async () => {
      const id = await firstId("outputs");
      const { stdout } = await bench.run("resolve", ...span, "did-not-happen", "--dry-run");
      expect(stdout).toBe(`1 would be resolved:\n  ${id.slice(-8)}\n`);
      expect(await mutationNow()).toMatchObject({ status: "indeterminate", resolution: null });
    });

    test("resolves all of the connector in the time span", async () => {
      const id = await firstId("outputs");
      const result = await bench.json("resolve", ...span, "did-not-happen");
      expect(result).toEqual({ dryRun: false, matched: [id], resolved: [id], refused: [] });
      expect(await mutationNow()).toMatchObject({ status: "failed", resolution: "did_not_happen" });
    });

    test("leaves other connectors alone", async () => {
      const { stdout } = await bench.run("resolve", ...span, "skip", "--connector", "post");
      expect(stdout).toBe("0 resolved, 0 refused.\n");
    });
  });
});

test("an ending that several ids share is refused, with those ids", async () => {
  let count = 0;
  // An id source gives whatever kind of id it is asked for.
  const newId = (() => `00000000-0000-7000-8000-00${(count += 1)}00abcdef`) as unknown as IdSource;
  const database = await openDatabase(`sqlite:${bench.databasePath}`, { newId });
  const { workflows, inputs } = createStores(database);
  const { id: workflowId } = await workflows.create({ name: "w", status: "active", handlerConfig: {} }, 0);
  for (const externalId of ["1", "2"]) {
    const input = { workflowId, source: "mail", type: "mail", externalId, title: externalId, createdByRunId: null };
    await inputs.getOrCreate(input, 0);
  }
  await database.close();
  const { exitCode, stderr } = await bench.run("skip-input", "abcdef");
  expect(exitCode).toBe(1);
  expect(stderr).toContain('More than one input has an id that ends in "abcdef": 00000000-');
  expect((await bench.run("skip-input", "200abcdef")).exitCode).toBe(0);
});

describe("approve", () => {
  beforeEach(() => bench.run("run", fixture("letters"), "--once"));

  test("lets the action be sent by the next run", async () => {
    const { exitCode, stdout } = await bench.run("approve", await firstId("outputs"), "--by", "anna");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/"Write to Anna": approved by anna; it is sent when its workflow runs\.\n$/);
    await bench.run("run", fixture("letters"), "--once");
    expect(await mutationNow()).toMatchObject({ status: "applied", approvedBy: "anna" });
  });

  test("with --reject it is never sent", async () => {
    const { stdout } = await bench.run("approve", await firstId("outputs"), "--reject", "--by", "anna");
    expect(stdout).toContain("failed, decided by anna");
    await bench.run("run", fixture("letters"), "--once");
    expect(await mutationNow()).toMatchObject({ status: "failed", error: "Rejected by anna." });
  });
});

describe("retry", () => {
  beforeEach(() => bench.run("run", fixture("letters"), "--once"));

  test("lets a failed run be tried again", async () => {
    const { exitCode, stdout } = await bench.run("retry", "broken");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Run [0-9a-f]{8} \(poll\) of broken is tried again\.\n$/);
  });

  test("says so when nothing has failed", async () => {
    await bench.run("retry", "broken");
    const { exitCode, stderr } = await bench.run("retry", "letters");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("it waits for a decision about its mutation, not for a retry");
  });
});

describe("pause and resume", () => {
  beforeEach(() => bench.run("run", fixture("payments"), "--once"));

  test("set what the workflow is to do", async () => {
    expect((await bench.run("pause", "payments")).stdout).toBe("payments is paused.\n");
    expect((await bench.run("status")).stdout).toMatch(/^payments +paused/m);
    expect(await bench.json("resume", "payments")).toEqual({ workflow: "payments", status: "active" });
    expect((await bench.run("status")).stdout).toMatch(/^payments +active/m);
  });

  test("name the workflows that there are when one is unknown", async () => {
    expect((await bench.run("pause", "nothing")).stderr).toContain('There is no workflow "nothing". Known: payments.');
  });
});

describe("skip-input", () => {
  beforeEach(() => bench.run("run", fixture("letters"), "--once"));

  test("aborts what waits because of the input", async () => {
    const { exitCode, stdout } = await bench.run("skip-input", await firstId("inputs"));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]{8} "Monday": skipped; pending events skipped: \d+\. Runs aborted: 1\.\n$/);
    expect(await mutationNow()).toMatchObject({ status: "failed" });
  });

  test("says so when it was skipped before", async () => {
    const id = await firstId("inputs");
    await bench.run("skip-input", id);
    expect(await bench.json("skip-input", id)).toMatchObject({ input: id, skipped: false });
  });
});

test("dismiss closes a notification", async () => {
  await bench.run("run", fixture("payments"), "--once");
  const attention = z.array(z.object({ notification: z.object({ id: z.string() }) }));
  const [open] = attention.parse(await bench.json("needs-attention"));
  const { exitCode, stdout } = await bench.run("dismiss", open!.notification.id.slice(-8));
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Dismissed: It is not known");
  expect(await bench.json("needs-attention")).toEqual([]);
});
