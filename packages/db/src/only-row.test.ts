import { expect, test } from "vitest";
import { DatabaseError } from "./errors.ts";
import { onlyRow } from "./only-row.ts";

test("the row of a query is given as it is", () => {
  expect(onlyRow([{ count: 0 }])).toEqual({ count: 0 });
});

test("a query that gave none is an error, not a default", () => {
  expect(() => onlyRow([])).toThrow(DatabaseError);
});
