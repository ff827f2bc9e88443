import type { StandardSchemaV1 } from "@standard-schema/spec";
import { expect, test } from "vitest";
import { z } from "zod";
import { SchemaError } from "../errors.ts";
import { parseWithSchema } from "./parse-with-schema.ts";

/** A schema of no library at all. */
function schema<Output>(
  validate: (value: unknown) => StandardSchemaV1.Result<Output> | Promise<StandardSchemaV1.Result<Output>>,
): StandardSchemaV1<unknown, Output> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("gives what the schema makes of the value", async () => {
  expect(await parseWithSchema(z.coerce.number(), "7", "The count")).toBe(7);
  expect(
    await parseWithSchema(
      z.string().transform((text) => text.length),
      "four",
      "The text",
    ),
  ).toBe(4);
});

test("names every issue with its path", async () => {
  const letter = z.object({ to: z.object({ street: z.string() }), tags: z.array(z.number()) });
  const parsing = parseWithSchema(letter, { to: {}, tags: [1, "two"] }, "The payload of letter");
  await expect(parsing).rejects.toThrow(SchemaError);
  await expect(parsing).rejects.toThrow(/^The payload of letter does not fit its schema: to\.street: .*; tags\.1: /);
});

test("takes a schema of any library, at once or later, with plain or wrapped paths", async () => {
  const now = schema((value) => ({ value: [value] }));
  const later = schema(async (value) => ({ value: [value] }));
  expect([await parseWithSchema(now, 1, "It"), await parseWithSchema(later, 2, "It")]).toEqual([[1], [2]]);
  const refusing = schema<never>(() => ({
    issues: [{ message: "no", path: [{ key: "a" }, Symbol("b"), 0] }, { message: "not at all" }],
  }));
  await expect(parseWithSchema(refusing, 1, "It")).rejects.toMatchObject({
    issues: ["a.Symbol(b).0: no", "not at all"],
  });
});

test.each([
  ["throws", () => schema<never>(() => raise())],
  ["rejects", () => schema<never>(async () => raise())],
])("a schema that %s is a SchemaError with its cause", async (_what, make) => {
  const parsing = parseWithSchema(make(), 1, "It");
  await expect(parsing).rejects.toThrow("It does not fit its schema: the schema failed: broken");
  await expect(parsing).rejects.toMatchObject({ cause: expect.any(RangeError) });
});

function raise(): never {
  throw new RangeError("broken");
}
