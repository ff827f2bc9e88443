import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LogicError } from "../errors.ts";
import { files } from "./files.ts";

let root: string;
let outside: string;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), "millrace-files-"));
  root = join(outside, "root");
});
afterEach(() => rmSync(outside, { recursive: true }));

const call = { signal: new AbortController().signal, now: () => 0 };
const operations = () => files({ root }).operations;
const append = (line: string, idempotencyKey: string, path = "rows.csv") =>
  operations().appendLine.execute({ path, line }, { ...call, idempotencyKey });
const ask = (key: string, path = "rows.csv") => operations().appendLine.reconcile?.({ path, line: "" }, key, call);
const content = (path = "rows.csv") => readFileSync(join(root, path), "utf8");

describe("appendLine", () => {
  test("appends lines in order, and makes the folders on the way", async () => {
    await append("a", "1", "deep/down/rows.csv");
    await append("b", "2", "deep/down/rows.csv");
    expect(content("deep/down/rows.csv")).toBe("a\nb\n");
  });

  test("the same line under another key is another line; under the same key it is there once", async () => {
    expect(await append("a", "1")).toEqual({ offset: 0, length: 2 });
    expect(await append("a", "1")).toEqual({ offset: 0, length: 2 });
    await append("a", "2");
    expect(content()).toBe("a\na\n");
  });

  test("tells whether the line of a key is there", async () => {
    await append("a", "1");
    expect(await ask("1")).toMatchObject({ outcome: "applied", result: { offset: 0, length: 2 } });
    expect(await ask("2")).toEqual({ outcome: "not_applied" });
  });

  test("lines of other programs in between are left alone, half lines are ended first", async () => {
    await append("a", "1");
    appendFileSync(join(root, "rows.csv"), "theirs");
    await append("b", "2");
    expect(content()).toBe("a\ntheirs\nb\n");
    expect(await ask("1")).toMatchObject({ outcome: "applied" });
    expect(await ask("2")).toMatchObject({ outcome: "applied" });
  });

  test("many appends at once, by two connectors on one file, keep their lines whole", async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => append(`line of ${key}`, key)));
    expect(new Set(content().trimEnd().split("\n"))).toEqual(new Set(keys.map((key) => `line of ${key}`)));
    for (const key of keys) expect(await ask(key)).toMatchObject({ outcome: "applied" });
  });

  test("one whose time was over before its turn came is not made", async () => {
    const late = { ...call, signal: AbortSignal.abort(), idempotencyKey: "1" };
    const failure: unknown = await operations()
      .appendLine.execute({ path: "rows.csv", line: "a" }, late)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "NetworkError", effect: "none" });
    expect(existsSync(join(root, "rows.csv"))).toBe(false);
  });

  test("a damaged journal is a matter for a person, and nothing is appended", async () => {
    await append("a", "1");
    writeFileSync(join(root, ".millrace-rows.csv.keys"), 'damage\n{"is":"withdrawn","key":"1"}\n');
    expect(await ask("1")).toMatchObject({ outcome: "inconclusive", reason: expect.stringContaining("damaged") });
    await expect(append("b", "2")).rejects.toMatchObject({ name: "DamagedJournalError", effect: "none" });
    expect(content()).toBe("a\n");
  });

  test("a line with a line break in it fits no line", () => {
    const { params } = operations().appendLine;
    expect(params["~standard"].validate({ path: "a", line: "a\nb" })).toMatchObject({ issues: [{ path: ["line"] }] });
  });
});

describe("write", () => {
  test("writes a file in one step, and knows it by its content", async () => {
    const { write } = operations();
    await write.execute({ path: "a/b.txt", content: "hello ä" }, { ...call, idempotencyKey: "1" });
    expect(content("a/b.txt")).toBe("hello ä");
    expect(await write.reconcile?.({ path: "a/b.txt", content: "hello ä" }, "1", call)).toEqual({
      outcome: "applied",
      result: { bytes: 8 },
    });
    expect(await write.reconcile?.({ path: "a/b.txt", content: "other" }, "1", call)).toEqual({
      outcome: "not_applied",
    });
    expect(await write.reconcile?.({ path: "a/none.txt", content: "" }, "1", call)).toEqual({ outcome: "not_applied" });
  });
});

describe("writes and reads", () => {
  test("a write leaves nothing but the file, and replaces what was there", async () => {
    const { write, list } = operations();
    for (const key of ["1", "2"])
      await write.execute({ path: "a.txt", content: key }, { ...call, idempotencyKey: key });
    expect(content("a.txt")).toBe("2");
    expect(readdirSync(root)).toEqual(["a.txt"]);
    expect(await list.execute({ path: "" }, call)).toEqual([{ name: "a.txt", kind: "file" }]);
  });

  test("a folder is listed in order, without what is the connector's own; a missing one is empty", async () => {
    await append("x", "1", "b/rows.csv");
    await append("x", "1", "b/inner/rows.csv");
    const { list } = operations();
    expect(await list.execute({ path: "b" }, call)).toEqual([
      { name: "inner", kind: "folder" },
      { name: "rows.csv", kind: "file" },
    ]);
    expect(await list.execute({ path: "none" }, call)).toEqual([]);
    await expect(list.execute({ path: ".." }, call)).rejects.toThrow(LogicError);
  });

  test("a read makes nothing, not even the root", async () => {
    expect(await operations().readText.execute({ path: "deep/none.txt" }, call)).toBeNull();
    expect(await operations().list.execute({ path: "" }, call)).toEqual([]);
    expect(existsSync(root)).toBe(false);
  });

  test("a file that is too large is not read", async () => {
    await append("too long", "1");
    const { readText } = files({ root, maxReadBytes: 5 }).operations;
    await expect(readText.execute({ path: "rows.csv" }, call)).rejects.toThrow("at most 5 are read");
  });

  test("where nothing can be made, nothing was done", async () => {
    const failure: unknown = await files({ root: "/proc/millrace" })
      .operations.write.execute({ path: "a.txt", content: "x" }, { ...call, idempotencyKey: "1" })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ effect: "none" });
  });
});

describe("paths", () => {
  test.each([
    "../evil.txt",
    "/etc/passwd",
    "a/../../evil.txt",
    "a/..",
    "",
    ".",
    "a\0b",
    "link/evil.txt",
    "link/new/evil.txt",
    ".millrace-rows.csv.keys",
  ])("%j is refused, and nothing is written", async (path) => {
    mkdirSync(root);
    mkdirSync(join(outside, "elsewhere"));
    symlinkSync(join(outside, "elsewhere"), join(root, "link"));
    await expect(append("x", "1", path)).rejects.toThrow(LogicError);
    await expect(operations().write.execute({ path, content: "x" }, { ...call, idempotencyKey: "1" })).rejects.toThrow(
      LogicError,
    );
    await expect(operations().readText.execute({ path }, call)).rejects.toThrow(LogicError);
    expect(existsSync(join(outside, "elsewhere", "evil.txt"))).toBe(false);
    expect(existsSync(join(outside, "evil.txt"))).toBe(false);
  });

  test("a link in place of the file is refused", async () => {
    mkdirSync(root);
    writeFileSync(join(outside, "secret.txt"), "secret");
    symlinkSync(join(outside, "secret.txt"), join(root, "rows.csv"));
    await expect(append("x", "1")).rejects.toThrow("not an ordinary file");
    await expect(operations().readText.execute({ path: "rows.csv" }, call)).rejects.toThrow("not an ordinary file");
  });

  test("a folder in place of the file is refused; a missing file reads as null", async () => {
    mkdirSync(join(root, "rows.csv"), { recursive: true });
    await expect(append("x", "1")).rejects.toThrow("not an ordinary file");
    expect(await operations().readText.execute({ path: "none.txt" }, call)).toBeNull();
  });

  test("a file in the place of a folder on the way is a failure before anything was written", async () => {
    mkdirSync(root);
    writeFileSync(join(root, "file"), "");
    const failure: unknown = await append("x", "1", "file/rows.csv").catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "LogicError", effect: "none" });
  });
});
