import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LogicError, NetworkError } from "../errors.ts";
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

  test("a line that a crash tore is cut off, and not there", async () => {
    await append("first", "1");
    await append("second", "2");
    truncateSync(join(root, "rows.csv"), "first\nsec".length);
    expect(await ask("2")).toEqual({ outcome: "not_applied" });
    expect(content()).toBe("first\n");
    await append("second", "2");
    expect(content()).toBe("first\nsecond\n");
    expect(await ask("2")).toMatchObject({ outcome: "applied" });
  });

  test("a line that was noted but never written is not there, even when another one is in its place by now", async () => {
    await append("first", "1");
    truncateSync(join(root, "rows.csv"), 0);
    await append("other", "2");
    expect(await ask("1")).toEqual({ outcome: "not_applied" });
    expect(await ask("2")).toMatchObject({ outcome: "applied" });
  });

  test("a file that another program changed in between gives no guess", async () => {
    await append("first", "1");
    writeFileSync(join(root, "rows.csv"), "something else\n");
    expect(await ask("1")).toMatchObject({
      outcome: "inconclusive",
      reason: expect.stringContaining("changed by another program"),
    });
  });

  test("lines of other programs in between are left alone, half lines are ended first", async () => {
    await append("a", "1");
    appendFileSync(join(root, "rows.csv"), "theirs");
    await append("b", "2");
    expect(content()).toBe("a\ntheirs\nb\n");
    expect(await ask("1")).toMatchObject({ outcome: "applied" });
    expect(await ask("2")).toMatchObject({ outcome: "applied" });
  });

  test("a note that a crash tore does no harm", async () => {
    await append("a", "1");
    appendFileSync(join(root, ".millrace-rows.csv.journal"), '{"key":"2","off');
    await append("b", "3");
    expect(await ask("1")).toMatchObject({ outcome: "applied" });
    expect(await ask("3")).toMatchObject({ outcome: "applied" });
    expect(await ask("2")).toEqual({ outcome: "not_applied" });
  });

  test("many appends at once, by two connectors on one file, keep their lines whole", async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => append(`line of ${key}`, key)));
    expect(new Set(content().trimEnd().split("\n"))).toEqual(new Set(keys.map((key) => `line of ${key}`)));
    for (const key of keys) expect(await ask(key)).toMatchObject({ outcome: "applied" });
  });

  test("wherever a crash cuts the file, each key has at most one whole line and the rest is sent again once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }), async (cuts) => {
        const path = `run-${Math.random()}.csv`;
        for (const [index, cut] of cuts.entries()) {
          const key = `key-${index}`;
          await append(`line-${index}`, key, path);
          const size = readFileSync(join(root, path)).length;
          const length = `line-${index}\n`.length;
          // A crash may lose any part of the last line; then the engine asks, and sends it again if it is not there.
          truncateSync(join(root, path), size - Math.min(cut, length));
          const answer = await ask(key, path);
          if (answer?.outcome === "not_applied") await append(`line-${index}`, key, path);
          else expect(answer?.outcome).toBe("applied");
        }
        expect(readFileSync(join(root, path), "utf8")).toBe(cuts.map((_, index) => `line-${index}\n`).join(""));
      }),
      { numRuns: 50 },
    );
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

describe("paths", () => {
  test.each(["../evil.txt", "/etc/passwd", "a/../../evil.txt", "", ".", "a\0b", "link/evil.txt"])(
    "%j is refused, and nothing is written",
    async (path) => {
      mkdirSync(root);
      mkdirSync(join(outside, "elsewhere"));
      symlinkSync(join(outside, "elsewhere"), join(root, "link"));
      await expect(append("x", "1", path)).rejects.toThrow(LogicError);
      await expect(
        operations().write.execute({ path, content: "x" }, { ...call, idempotencyKey: "1" }),
      ).rejects.toThrow(LogicError);
      await expect(operations().readText.execute({ path }, call)).rejects.toThrow(LogicError);
      expect(existsSync(join(outside, "elsewhere", "evil.txt"))).toBe(false);
      expect(existsSync(join(outside, "evil.txt"))).toBe(false);
    },
  );

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
    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure).toMatchObject({ effect: "none" });
  });
});
