import { describe, expect, test } from "vitest";
import { ChangeLog } from "./change-log.ts";

describe("the log of changes", () => {
  const change = { kind: "job", id: "1", workflow: null, of: null, status: null, at: 0 } as const;
  const platformId = "p" as never;

  test("holds only so many, and says when one that is asked for is gone", () => {
    const log = new ChangeLog(10);
    const names = Array.from({ length: 25 }, () => {
      log.append(platformId, change);
      return log.nameOf(log.position);
    });
    expect(log.find(names[13]!)).toBeNull();
    expect(log.find(names[14]!)).toBe(15);
    expect(log.readAfter(15, 100)?.map(({ position }) => position)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
    expect(log.readAfter(14, 100)).toBeNull();
    expect(log.readAfter(25, 100)).toEqual([]);
  });

  test("never takes a position of another process for one of its own", () => {
    const [one, other] = [new ChangeLog(), new ChangeLog()];
    one.append(platformId, change);
    other.append(platformId, change);
    expect(other.find(one.nameOf(1))).toBeNull();
  });
});
