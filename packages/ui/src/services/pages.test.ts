import { expect, test } from "vitest";
import { itemsOf } from "./pages.ts";

test("items of all pages come in order, and one that moved to the next page is there once", () => {
  const pages = [
    { items: [{ id: "a" }, { id: "b" }], nextCursor: "1" },
    { items: [{ id: "b" }, { id: "c" }], nextCursor: null },
  ];
  expect(itemsOf({ pages, pageParams: [null, "1"] }).map(({ id }) => id)).toEqual(["a", "b", "c"]);
});

test("nothing fetched yet is an empty list", () => {
  expect(itemsOf(undefined)).toEqual([]);
});
