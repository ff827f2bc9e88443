import type { TopicId } from "@millrace/db";
import { expect, test } from "vitest";
import { TopicIds } from "./topic-ids.ts";

test("each name has its id, and no other name has one", () => {
  const ids = new TopicIds(["mail", "rows"], ["1" as TopicId, "2" as TopicId]);
  expect(ids.get("mail")).toBe("1");
  expect(ids.get("rows")).toBe("2");
  for (const name of ["", "toString", "length", "0"]) expect(ids.get(name)).toBeUndefined();
  expect([...ids.keys()]).toEqual(["mail", "rows"]);
});
