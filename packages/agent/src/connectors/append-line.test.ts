import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppendError, LineAppender } from "./append-line.ts";
import { CrashingDisk, type PowerCut, type Trouble } from "./testing/crashing-disk.ts";

const FILE = "/out/rows.csv";
const JOURNAL = "/out/.millrace-rows.csv.keys";
const lineOf = (key: string) => `the line of ${key}`;
const timesIn = (disk: CrashingDisk, key: string) => disk.text(FILE).split(lineOf(key)).length - 1;

/** What the engine does with a mutation that it found in flight, and a person with one that nobody can tell. */
async function recover(disk: CrashingDisk, key: string): Promise<"there" | "absent" | "unclear"> {
  const { kind } = await new LineAppender(disk).stateOf(FILE, key);
  const isNeeded = kind === "absent" || (kind === "unclear" && timesIn(disk, key) === 0);
  if (isNeeded) await new LineAppender(disk).append(FILE, lineOf(key), key);
  return kind;
}

const POWER_CUTS: (PowerCut | null)[] = [
  null,
  { part: 0, zeros: false },
  { part: 0.5, zeros: false },
  { part: 0.4, zeros: true },
  { part: 1, zeros: false },
];

/** How many steps three appends take. */
async function countSteps(): Promise<number> {
  const disk = new CrashingDisk();
  const appender = new LineAppender(disk);
  for (const key of ["a", "b", "c"]) await appender.append(FILE, lineOf(key), key);
  return disk.stepsTaken;
}

describe("a crash at every step of three appends", async () => {
  const steps = await countSteps();
  test.each(Array.from({ length: steps }, (_, step) => [0, 0.3, 0.6, 1].map((part) => ({ step, part }))).flat())(
    "at step $step, with $part of it done",
    async ({ step, part }) => {
      for (const powerCut of POWER_CUTS) {
        let disk = new CrashingDisk({ step, part, kind: "crash" });
        for (const key of ["a", "b", "c"]) {
          const appended = await new LineAppender(disk).append(FILE, lineOf(key), key).catch(() => null);
          if (appended) continue;
          disk = disk.restart(powerCut);
          expect(await recover(disk, key)).not.toBe("unclear");
        }
        // What was acknowledged survives the worst power cut.
        expect(disk.restart({ part: 0, zeros: false }).text(FILE)).toBe(
          ["a", "b", "c"].map((key) => `${lineOf(key)}\n`).join(""),
        );
      }
    },
  );
});

test("crashes again and again, power cuts, and other programs that append: one line a key, and theirs untouched", async () => {
  const trouble = fc.record({
    step: fc.nat({ max: 12 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom("crash" as const, "full" as const),
  });
  const powerCut = fc.option(fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), zeros: fc.boolean() }));
  const attempt = fc.record({ trouble: fc.option(trouble), powerCut, foreign: fc.boolean(), isWhole: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(attempt, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), async (keys) => {
      let disk = new CrashingDisk();
      let foreign = 0;
      for (const [index, attempts] of keys.entries()) {
        const key = `key-${index}`;
        for (const { trouble: next, powerCut: cut, foreign: isForeign, isWhole } of attempts) {
          disk = disk.restart(cut, next);
          if (isForeign) disk.interfere(FILE, (text) => `${text}<foreign ${(foreign += 1)}>${isWhole ? "\n" : ""}`);
          await recover(disk, key).catch(() => undefined);
          expect(timesIn(disk, key)).toBeLessThanOrEqual(1);
        }
        disk = disk.restart(null);
        await recover(disk, key);
      }
      const left = disk.restart({ part: 0, zeros: false });
      for (const [index] of keys.entries()) expect(timesIn(left, `key-${index}`)).toBe(1);
      for (let number = 1; number <= foreign; number += 1) expect(left.text(FILE)).toContain(`<foreign ${number}>`);
    }),
    { numRuns: 2_000 },
  );
});

test("a disk that fills up at any step: what is said to have done nothing has left nothing", async () => {
  const steps = await countSteps();
  for (let step = 0; step < steps; step += 1) {
    const disk = new CrashingDisk({ step, part: 0.5, kind: "full" });
    const appender = new LineAppender(disk);
    for (const key of ["a", "b", "c"]) {
      const before = disk.text(FILE);
      const failure: unknown = await appender.append(FILE, lineOf(key), key).catch((error: unknown) => error);
      if (!(failure instanceof AppendError)) continue;
      if (failure.effect === "none") expect(disk.text(FILE)).toBe(before);
      await recover(disk, key);
    }
    expect(disk.text(FILE)).toBe(["a", "b", "c"].map((key) => `${lineOf(key)}\n`).join(""));
  }
});

/** A disk on which the append of "b" was noted, and crashed after this part of it was written. */
async function crashedInAppend(part: number): Promise<CrashingDisk> {
  const disk = new CrashingDisk();
  await new LineAppender(disk).append(FILE, lineOf("a"), "a");
  const begun = disk.restart(null, { step: 2, part, kind: "crash" } satisfies Trouble);
  await expect(new LineAppender(begun).append(FILE, lineOf("b"), "b")).rejects.toThrow("trouble at step 2");
  return begun.restart(null);
}

test("a crash at every step while the journal is rewritten forgets no key", async () => {
  const long = "x".repeat(300_000);
  const keys = ["a", "b"];
  const counted = new CrashingDisk();
  for (const key of keys) await new LineAppender(counted).append(FILE, `${lineOf(key)} ${long}`, key);
  expect(counted.text(JOURNAL).length).toBeLessThan(1_000);
  for (let step = 0; step < counted.stepsTaken; step += 1) {
    for (const powerCut of POWER_CUTS) {
      let disk = new CrashingDisk({ step, part: 0.6, kind: "crash" });
      for (const key of [...keys, ...keys]) {
        const line = `${lineOf(key)} ${long}`;
        const appended = await new LineAppender(disk).append(FILE, line, key).catch(() => null);
        if (appended) continue;
        disk = disk.restart(powerCut);
        const { kind } = await new LineAppender(disk).stateOf(FILE, key);
        expect(kind).not.toBe("unclear");
        if (kind === "absent") await new LineAppender(disk).append(FILE, line, key);
      }
      for (const key of keys) expect(timesIn(disk, key)).toBe(1);
    }
  }
});

describe("what can be told when another program was there first", () => {
  test("it appended where the line should be: nobody can tell, and nothing of theirs is cut off", async () => {
    for (const part of [0, 0.5]) {
      const disk = await crashedInAppend(part);
      disk.interfere(FILE, (text) => `${text}x\n`);
      expect(await new LineAppender(disk).stateOf(FILE, "b")).toMatchObject({ kind: "unclear" });
      await new LineAppender(disk).append(FILE, lineOf("c"), "c");
      expect(disk.text(FILE)).toContain("x\nthe line of c\n");
    }
  });

  test("it shortened the file, replaced it, or removed it: nobody can tell", async () => {
    const shortened = await crashedInAppend(0);
    shortened.interfere(FILE, () => "");
    expect(await new LineAppender(shortened).stateOf(FILE, "b")).toMatchObject({
      kind: "unclear",
      reason: expect.stringContaining("shortened"),
    });
    const replaced = await crashedInAppend(0);
    await replaced.write("/out/other", Buffer.from(replaced.text(FILE)));
    await replaced.rename("/out/other", FILE);
    expect(await new LineAppender(replaced).stateOf(FILE, "b")).toMatchObject({
      kind: "unclear",
      reason: expect.stringContaining("replaced"),
    });
    const removed = await crashedInAppend(0);
    await removed.remove(FILE);
    expect(await new LineAppender(removed).stateOf(FILE, "b")).toMatchObject({
      kind: "unclear",
      reason: expect.stringContaining("removed"),
    });
  });

  test("it copied the file with the line in it: the line is there", async () => {
    const copied = await crashedInAppend(1);
    await copied.write("/out/other", Buffer.from(copied.text(FILE)));
    await copied.rename("/out/other", FILE);
    expect(await new LineAppender(copied).stateOf(FILE, "b")).toMatchObject({ kind: "there" });
  });

  test("what was decided stays decided, whatever becomes of the file", async () => {
    const disk = await crashedInAppend(1);
    const line = { offset: 14, length: 14 };
    expect(await new LineAppender(disk).stateOf(FILE, "b")).toEqual({ kind: "there", line });
    disk.interfere(FILE, () => "something else\n");
    expect(await new LineAppender(disk).stateOf(FILE, "b")).toEqual({ kind: "there", line });
    await new LineAppender(disk).append(FILE, lineOf("c"), "c");
    expect(await new LineAppender(disk).append(FILE, lineOf("b"), "b")).toEqual(line);
    expect(disk.text(FILE)).toBe("something else\nthe line of c\n");
  });

  test("it appends between the look at the file and the write: the line is found where it is", async () => {
    class Interfered extends CrashingDisk {
      override async append(path: string, bytes: Buffer): Promise<void> {
        if (path === FILE && bytes.length > 0) this.interfere(FILE, (text) => `${text}theirs\n`);
        await super.append(path, bytes);
      }
    }
    const disk = new Interfered();
    expect(await new LineAppender(disk).append(FILE, "mine", "a")).toEqual({ offset: 7, length: 5 });
    expect(await new LineAppender(disk).stateOf(FILE, "a")).toMatchObject({ kind: "there" });
    expect(disk.text(FILE)).toBe("theirs\nmine\n");
  });
});

describe("what other appends of ours find", () => {
  test("a line that was torn, or never written, is withdrawn before the next one is written", async () => {
    for (const part of [0, 0.5]) {
      const disk = await crashedInAppend(part);
      await new LineAppender(disk).append(FILE, lineOf("c"), "c");
      expect(disk.text(FILE)).toBe("the line of a\nthe line of c\n");
      expect(await new LineAppender(disk).stateOf(FILE, "b")).toEqual({ kind: "absent" });
    }
  });

  test("a line that was written is remembered before the next one is written", async () => {
    const disk = await crashedInAppend(1);
    await new LineAppender(disk).append(FILE, lineOf("c"), "c");
    disk.interfere(FILE, () => "");
    expect(await new LineAppender(disk).stateOf(FILE, "b")).toMatchObject({ kind: "there" });
  });

  test("a file that was removed is made again, and survives a power cut", async () => {
    const disk = new CrashingDisk();
    await new LineAppender(disk).append(FILE, lineOf("a"), "a");
    await disk.remove(FILE);
    await disk.syncFolder("/out");
    await new LineAppender(disk).append(FILE, lineOf("b"), "b");
    expect(disk.restart({ part: 0, zeros: false }).text(FILE)).toBe("the line of b\n");
  });

  test("a newline with which another program ended its line is not taken for a part of ours", async () => {
    const disk = new CrashingDisk();
    await new LineAppender(disk).append(FILE, lineOf("a"), "a");
    disk.interfere(FILE, (text) => `${text}half`);
    const begun = disk.restart(null, { step: 2, part: 0, kind: "crash" });
    await new LineAppender(begun).append(FILE, lineOf("b"), "b").catch(() => undefined);
    const left = begun.restart(null);
    left.interfere(FILE, (text) => `${text}\n`);
    expect(await new LineAppender(left).stateOf(FILE, "b")).toEqual({ kind: "absent" });
    expect(left.text(FILE)).toBe("the line of a\nhalf\n");
  });
});

describe("the journal", () => {
  test("is rewritten when it is mostly what need not be remembered, and forgets no key", async () => {
    const disk = new CrashingDisk();
    const appender = new LineAppender(disk);
    const keys = Array.from({ length: 400 }, (_, index) => `key-${index}`);
    for (const key of keys) await appender.append(FILE, `${key} ${"x".repeat(2_000)}`, key);
    expect(disk.text(JOURNAL).length).toBeLessThan(300_000);
    const size = disk.text(FILE).length;
    for (const key of keys) {
      expect(await new LineAppender(disk).append(FILE, "again", key)).toMatchObject({ length: expect.any(Number) });
    }
    expect(disk.text(FILE).length).toBe(size);
  });

  test("a record torn at its end is cut off; damage before that stops everything, and nothing is written", async () => {
    const disk = new CrashingDisk();
    await new LineAppender(disk).append(FILE, lineOf("a"), "a");
    disk.interfere(JOURNAL, (text) => `${text}{"is":"intended","key":"b","off`);
    await new LineAppender(disk).append(FILE, lineOf("c"), "c");
    expect(await new LineAppender(disk).stateOf(FILE, "a")).toMatchObject({ kind: "there" });
    disk.interfere(JOURNAL, (text) => text.replace('"intended"', '"int\0nded"'));
    const before = disk.text(FILE);
    await expect(new LineAppender(disk).stateOf(FILE, "a")).rejects.toThrow("is damaged at byte");
    await expect(new LineAppender(disk).append(FILE, "x", "d")).rejects.toMatchObject({ effect: "none" });
    expect(disk.text(FILE)).toBe(before);
  });

  test("a power cut tears the verdict before the intent that it leaves: both are known, and appending goes on", async () => {
    for (const torn of ["\0\0\0", "\n\0x"]) {
      const disk = new CrashingDisk();
      await new LineAppender(disk).append(FILE, lineOf("a"), "a");
      const cut = disk.restart(null, { step: 1, part: 0, kind: "crash" });
      await expect(new LineAppender(cut).append(FILE, lineOf("b"), "b")).rejects.toMatchObject({ effect: "none" });
      const left = cut.restart(null);
      left.interfere(JOURNAL, (text) => text.replace(/(?<=\n)\{"is":"d/, torn));
      expect(await new LineAppender(left).stateOf(FILE, "a")).toMatchObject({ kind: "there" });
      expect(await recover(left, "b")).toBe("absent");
      await new LineAppender(left).append(FILE, lineOf("c"), "c");
      for (const key of ["a", "b", "c"]) {
        expect(await new LineAppender(left).stateOf(FILE, key)).toMatchObject({ kind: "there" });
        expect(timesIn(left, key)).toBe(1);
      }
    }
  });

  test("that another process has continued is read again", async () => {
    const disk = new CrashingDisk();
    const [one, two] = [new LineAppender(disk), new LineAppender(disk)];
    await one.append(FILE, lineOf("a"), "a");
    await two.append(FILE, lineOf("b"), "b");
    expect(await one.stateOf(FILE, "b")).toMatchObject({ kind: "there" });
    await one.append(FILE, lineOf("b"), "b");
    expect(timesIn(disk, "b")).toBe(1);
  });
});
