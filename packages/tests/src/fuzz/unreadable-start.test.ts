import { describe, expect, test } from "vitest";
import { COLUMNS, leftBehind, STANDS, startOn } from "./unreadable-start-target.ts";

describe.each(STANDS)("an engine that starts on rows of one workflow that can't be read, whose run is %s", (stand) => {
  test("runs the other workflow, and tells a person", async () => {
    const image = await leftBehind(stand);
    for (const column of COLUMNS)
      expect([column, await startOn(image, column, "{")]).toEqual([column, expect.any(String)]);
  });
});
