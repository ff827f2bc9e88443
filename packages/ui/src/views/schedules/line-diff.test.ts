import { expect, test } from "vitest";
import { lineDiff } from "./line-diff.ts";

const many = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);

test("a changed line is one that was removed and one that was added, each with its number", () => {
  const changed = lineDiff("a\nb\nc", "a\nB\nc").filter(({ kind }) => kind === "added" || kind === "removed");
  expect(changed).toEqual([
    { kind: "removed", before: 2, after: null, text: "b" },
    { kind: "added", before: null, after: 2, text: "B" },
  ]);
});

test("lines that are the same far from a change are left out and counted", () => {
  const later = many.with(9, "other").join("\n");
  const gaps = lineDiff(many.join("\n"), later).filter(({ kind }) => kind === "gap");
  expect(gaps).toEqual([
    { kind: "gap", lines: 6 },
    { kind: "gap", lines: 7 },
  ]);
});

test("equal texts are one gap", () => {
  expect(lineDiff("a\nb", "a\nb\n")).toEqual([{ kind: "gap", lines: 2 }]);
});
