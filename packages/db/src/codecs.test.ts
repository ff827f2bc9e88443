import { describe, expect, test } from "vitest";
import {
  decodeJson,
  decodeListedJson,
  decodeOptionalListedJson,
  encodeJson,
  encodeOptionalJson,
  UNREADABLE,
} from "./codecs.ts";
import { CorruptRowError, NotSerialisableError, ValueTooLargeError } from "./errors.ts";

const encode = (value: unknown) => encodeJson(value, "a value");
const decode = (text: string) => decodeJson(text, "events", "e", "payload");

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

function withItself(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

describe("a value that would lose something as JSON is refused, and the place is named", () => {
  test.each([
    ["NaN", { rows: [1, Number.NaN] }, "$.rows[1]", "NaN"],
    ["a function", { call: () => 1 }, "$.call", "a function"],
    ["undefined in a list", [undefined], "$[0]", "undefined"],
    ["a Date", { at: new Date(0) }, "$.at", "a Date"],
    ["an instance of a class without a name", { it: Object.create(Object.create(null)) }, "$.it", "a class instance"],
    ["a list with holes", Array(2), "$", "a list with holes"],
    ["a value that holds itself", withItself(), "$[0]", "a reference to itself"],
    ["a value that is too deep", nested(501), "$[0]", "more than 500 levels of nesting"],
  ])("%s", (_what, value, path, fault) => {
    expect(() => encode(value)).toThrow(NotSerialisableError);
    expect(() => encode(value)).toThrow(path);
    expect(() => encode(value)).toThrow(fault);
  });
});

test("an optional property that is undefined is left out, as one that is absent", () => {
  expect(encode({ a: 1, b: undefined })).toBe('{"a":1}');
});

test("an object without a prototype, and the deepest nesting there is, are kept", () => {
  expect(encode(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  expect(decode(encode(nested(500)))).toEqual(nested(500));
});

test("a value that is over the limit in bytes is refused, one that only may be is not", () => {
  expect(encodeJson("abcd", "a value", 6)).toBe('"abcd"');
  expect(() => encodeJson("äöü", "a value", 6)).toThrow(ValueTooLargeError);
});

test("null and undefined are NULL in a column that may be empty", () => {
  expect([null, undefined, 0].map((value) => encodeOptionalJson(value, "a value"))).toEqual([null, null, "0"]);
});

describe("text that could not have been written", () => {
  const texts: [what: string, text: string][] = [
    ["is no JSON", '{"a":'],
    ["holds a number that is none", '{"a":1e999}'],
    ["is too deep", `${"[".repeat(501)}${"]".repeat(501)}`],
  ];

  test.each(texts)("is refused when it %s", (_what, text) => {
    expect(() => decode(text)).toThrow(CorruptRowError);
  });

  test.each(texts)("is unreadable in a list when it %s", (_what, text) => {
    expect(decodeListedJson(text, "events", "e", "payload")).toBe(UNREADABLE);
  });
});

test("NULL is null in a list, and text its value", () => {
  const read = (text: string | null) => decodeOptionalListedJson(text, "run_logs", "r", "data");
  expect([null, "null", "[1]", "x"].map(read)).toEqual([null, null, [1], UNREADABLE]);
});
