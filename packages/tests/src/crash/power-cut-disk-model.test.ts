import { describe, expect, test } from "vitest";
import { DiskModel } from "./power-cut-disk-model.ts";
import { CUT_KINDS } from "./power-cut-model-file.ts";
import { readTrace, TraceError } from "./power-cut-trace.ts";
import { SeededRandom } from "./seeded-random.ts";

const hex = (text: string) =>
  `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
const described = (file: number, path: string) => `${file}<${hex(path).slice(1, -1)}>`;
const A = described(5, "/disk/a");
const TOP = described(6, "/disk");

const openA = `1 openat(AT_FDCWD<${hex("/").slice(1, -1)}>, ${hex("/disk/a")}, O_RDWR|O_CREAT|O_CLOEXEC, 0644) = ${A}`;
const openTop = `1 openat(AT_FDCWD<${hex("/").slice(1, -1)}>, ${hex("/disk")}, O_RDONLY|O_CLOEXEC) = ${TOP}`;
const write = (text: string, offset: number) =>
  `1 pwrite64(${A}, ${hex(text)}, ${text.length}, ${offset}) = ${text.length}`;
const syncA = `1 fdatasync(${A}) = 0`;
const syncTop = `1 fsync(${TOP}) = 0`;

const read = (...lines: string[]) => readTrace(`${lines.join("\n")}\n`, (path) => path.startsWith("/disk"));

/** Each thing that may be in the file after a cut, found by trying; null where there is no such file. */
function possible(...lines: string[]): Set<string | null> {
  const model = new DiskModel("/disk");
  for (const step of read(...lines)) model.follow(step);
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);
  const left = seeds.flatMap((seed) => CUT_KINDS.map((kind) => model.afterCut(kind, new SeededRandom(seed)).get("a")));
  return new Set(left.map((bytes) => bytes?.toString("latin1") ?? null));
}

const MADE = [openTop, openA, syncTop];

describe("what is there after the power was cut", () => {
  test("is all that was synced, and nothing else", () => {
    expect(possible(...MADE, write("old", 0), syncA)).toEqual(new Set(["old"]));
  });

  test("is any part of what was written since, in any order", () => {
    const left = possible(...MADE, write("old!", 0), syncA, write("N", 0), write("W", 2));
    expect(left).toEqual(new Set(["old!", "Nld!", "olW!", "NlW!"]));
  });

  test("is a sector old or new, where a write is longer than one", () => {
    const [old, longer] = ["o".repeat(1_024), "n".repeat(1_024)];
    const left = possible(...MADE, write(old, 0), syncA, write(longer, 0));
    const halves = ["o".repeat(512), "n".repeat(512)];
    expect(left).toEqual(new Set(halves.flatMap((first) => halves.map((second) => first + second))));
  });

  test("is anything where the file was to grow, but not where it has been", () => {
    const left = [...possible(...MADE, write("ab", 0), syncA, write("cd", 2))];
    expect(left.every((text) => text?.startsWith("ab"))).toBe(true);
    expect(left).toEqual(expect.arrayContaining(["ab", "abcd", "ab\0\0"]));
    expect(left.length).toBeGreaterThan(20);
  });

  test("is no file whose name was not synced with its folder, whatever was synced of the file", () => {
    expect(possible(openTop, openA, write("old", 0), syncA)).toEqual(new Set([null, "old"]));
  });

  test("is either name of a file that was renamed, until its folder was synced", () => {
    const rename = `1 rename(${hex("/disk/a")}, ${hex("/disk/b")}) = 0`;
    const synced = [...MADE, write("old", 0), syncA];
    expect(possible(...synced, rename)).toEqual(new Set([null, "old"]));
    expect(possible(...synced, rename, syncTop)).toEqual(new Set([null]));
  });

  test("is not sure to be what another thread wrote while the file was synced", () => {
    const begun = [`1 fdatasync(${A} <unfinished ...>`, `2 pwrite64(${A}, ${hex("new")}, 3, 0) = 3`];
    const left = possible(...MADE, write("old", 0), ...begun, "1 <... fdatasync resumed>) = 0");
    expect(left).toEqual(new Set(["old", "new"]));
  });
});

describe("the trace", () => {
  test("leaves out what failed, and what concerns other files", () => {
    const other = `1 openat(AT_FDCWD<${hex("/").slice(1, -1)}>, ${hex("/etc/hosts")}, O_RDONLY) = ${described(9, "/etc/hosts")}`;
    expect(read(`1 unlink(${hex("/disk/a")}) = -1 ENOENT (No such file or directory)`, other)).toEqual([]);
  });

  test("is refused when it holds a call that the model does not know, or a text that was cut short", () => {
    expect(() =>
      read(`1 linkat(AT_FDCWD<\\x2f>, ${hex("/disk/a")}, AT_FDCWD<\\x2f>, ${hex("/disk/b")}, 0) = 0`),
    ).toThrow(TraceError);
    expect(() => read(openA, `1 pwrite64(${A}, ${hex("ab")}..., 4, 0) = 4`)).toThrow("cut short");
  });
});
