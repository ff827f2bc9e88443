import { describe, expect, test } from "vitest";
import { z } from "zod";
import { InvalidSecretError } from "../errors.ts";
import { hideInText, hideInValue, valuesUnder } from "./declared-secrets.ts";
import { defineConnector, mutation, read } from "./define-connector.ts";
import { http } from "./http.ts";

const hide = (value: object, ...keys: string[]) => hideInValue(value as never, { keys, values: [] });

describe("a declaration", () => {
  const declare = (secrets: unknown) => () =>
    defineConnector({
      name: "bank",
      operations: {
        transfer: mutation({ params: z.unknown(), execute: async () => null, secrets: secrets as string[] }),
      },
    });

  test.each([[["pin"]], [["card.number", "x-pin"]], [["a.b.c", "größe"]]])("may be %j", (secrets) => {
    expect(declare(secrets)).not.toThrow();
  });

  test.each([
    [[]],
    [""],
    ["pin"],
    [[""]],
    [["pin", ""]],
    [["."]],
    [["card."]],
    [[".card"]],
    [["card..number"]],
    [["my pin"]],
    [["cards[0].number"]],
    [["*.pin"]],
    [[7]],
    [[null]],
    [[undefined]],
    [null],
  ])("can't be %j", (secrets) => {
    expect(declare(secrets)).toThrow(InvalidSecretError);
    expect(declare(secrets)).toThrow("The secrets of bank.transfer can't be hidden");
  });

  test("of a read is checked too", () => {
    const look = read({ params: z.unknown(), execute: async () => null, secrets: ["a."] });
    expect(() => defineConnector({ name: "bank", operations: { look } })).toThrow("bank.look");
  });

  test("for the http connector counts for all of its operations", () => {
    const { operations } = http({ secrets: ["pin"] });
    expect(Object.values(operations).map(({ secrets }) => secrets)).toEqual(Array.from({ length: 6 }, () => ["pin"]));
    expect(() => http({ secrets: [""] })).toThrow(InvalidSecretError);
    expect(http().operations.post.secrets).toBeUndefined();
  });
});

describe("what stands under a declared key", () => {
  test.each([
    [{ pin: "0000", name: "ada" }, ["pin"], { pin: "[redacted]", name: "ada" }],
    [{ deep: [{ pin: 7 }, { pin: { a: 1 } }] }, ["pin"], { deep: [{ pin: "[redacted]" }, { pin: "[redacted]" }] }],
    [
      { card: { number: "1", name: "n" }, number: "2" },
      ["card.number"],
      { card: { number: "[redacted]", name: "n" }, number: "2" },
    ],
    [{ body: { card: [{ number: "1" }] } }, ["card.number"], { body: { card: [{ number: "[redacted]" }] } }],
    [{ card: { inner: { number: "1" } } }, ["card.number"], { card: { inner: { number: "1" } } }],
    [{ pin: null, Pin: "1" }, ["pin"], { pin: null, Pin: "1" }],
    [{ pin: [1, 2] }, ["pin"], { pin: "[redacted]" }],
    [{ pin: "1" }, [], { pin: "1" }],
  ])("%j without %j is %j", (value, keys, expected) => {
    expect(hide(value, ...keys)).toEqual(expected);
  });

  test("is found elsewhere in a value", () => {
    const value = { note: "the pin is 0000", list: ["0000", 0], other: 1234 };
    const hidden = { keys: [], values: ["0000", "1234"] };
    expect(hideInValue(value, hidden)).toEqual({
      note: "the pin is [redacted]",
      list: ["[redacted]", 0],
      other: "[redacted]",
    });
  });

  test("is known by its texts and numbers, if they are long enough not to be there by chance", () => {
    const value = [{ pin: "0000", card: { number: 4111, owner: "ada" } }, { pin: ["12", true, null, { a: "longer" }] }];
    expect(valuesUnder(value, ["pin", "card.number"])).toEqual(["0000", "4111", "longer"]);
    expect(valuesUnder(value, [])).toEqual([]);
  });
});

describe("a text", () => {
  test.each([
    ["it is 1234.", "it is [redacted]."],
    ["at 12345 and x1234", "at 12345 and x1234"],
    ['{"pin":"1234"}', '{"pin":"[redacted]"}'],
    ["abcdefghi abcdef", "[redacted]ghi [redacted]"],
    ["abcdefgh and abcdef", "[redacted]gh and [redacted]"],
    ['it says "a\\"b\\nc…"', 'it says "[redacted]"'],
    ["?q=a%22b%0Ac%E2%80%A6", "?q=[redacted]"],
    ["?q=one%20two%2B and q=one+two%2B", "?q=[redacted] and q=[redacted]"],
    ["(a+b)* is (a+b)*", "[redacted] is [redacted]"],
  ])("%j without its secrets is %j", (text, expected) => {
    const values = ["1234", "abcdef", 'a"b\nc…', "one two+", "(a+b)*", "\ud800 half a pair"];
    expect(hideInText(text, values)).toBe(expected);
  });
});
