import { expect, test } from "vitest";
import { printable, shorten } from "./printable.ts";

test.each([
  { what: "colours", text: "\u001B[31mred\u001B[0m", plain: "red" },
  { what: "a cleared screen", text: "a\u001B[2Jb", plain: "ab" },
  { what: "a window's title", text: "a\u001B]0;title\u0007b", plain: "ab" },
  { what: "control characters", text: "a\u0000\u0008\u007F\u009Bb", plain: "ab" },
  { what: "a turned direction of writing", text: "invoice\u202Efdp.exe", plain: "invoicefdp.exe" },
])("takes $what out", ({ text, plain }) => {
  expect(printable(text)).toBe(plain);
});

test("keeps letters and emoji of all kinds", () => {
  expect(printable("Ünï 日本 👩‍👩‍👧 é")).toBe("Ünï 日本 👩‍👩‍👧 é");
});

test("makes one line of many, or keeps them", () => {
  expect(printable("a\r\n\tb")).toBe("a b");
  expect(printable("a\r\n\tb", "lines")).toBe("a\n  b");
});

test("cuts between characters", () => {
  expect(shorten("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 2)).toBe("👩‍👩‍👧…");
  expect(shorten("short", 5)).toBe("short");
});
