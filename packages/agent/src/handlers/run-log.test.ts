import { pino } from "pino";
import { expect, test } from "vitest";
import { RunLogBuffer } from "./run-log.ts";
import { RunSecrets } from "./run-secrets.ts";

function buffer(maxLines = 100, secrets = new RunSecrets([])) {
  const printed: { level: string; msg: string }[] = [];
  const stream = { write: (line: string) => void printed.push(JSON.parse(line) as { level: string; msg: string }) };
  let now = 0;
  const log = new RunLogBuffer(() => (now += 1), pino({ level: "debug" }, stream), maxLines, secrets);
  return { log, printed };
}

test("a line goes into the log of the process at once, and into the database with the next transition", () => {
  const { log, printed } = buffer();
  log.add("info", "looked", { found: 2 });
  log.add("warn", "odd");
  expect(printed.map(({ msg }) => msg)).toEqual(["looked", "odd"]);
  expect(log.drain()).toEqual([
    { at: 1, level: "info", message: "looked", data: { found: 2 } },
    { at: 2, level: "warn", message: "odd", data: null },
  ]);
  expect(log.drain()).toEqual([]);
});

test("lines of a transition that failed are kept, before those that came since", () => {
  const { log } = buffer();
  log.add("info", "first");
  const lines = log.drain();
  log.add("info", "second");
  log.restore(lines);
  expect(log.drain().map(({ message }) => message)).toEqual(["first", "second"]);
});

test("the first lines are kept, and a word that there were more; the process's log has them all", () => {
  const { log, printed } = buffer(3);
  for (const line of ["a", "b", "c", "d"]) log.add("info", line);
  expect(log.drain().map(({ message }) => message)).toEqual(["a", "b", "Only the first 3 lines of a run are kept."]);
  expect(printed).toHaveLength(4);
});

test("data that can't be stored is described instead, and a long message is cut", () => {
  const { log } = buffer();
  log.add("error", "x".repeat(20_000), new TypeError("wrong"));
  log.add("info", "function", { run: () => 1 });
  log.add("info", "large", "y".repeat(200_000));
  const [long, unstorable, large] = log.drain();
  expect(long?.message).toHaveLength(10_000);
  expect(long?.data).toEqual({ name: "TypeError", message: "wrong" });
  expect(unstorable?.data).toEqual({ notStored: expect.stringContaining("a function") });
  expect(large?.data).toEqual({ notStored: expect.stringContaining("the limit is 100000") });
});

test("neither log holds a secret: under its key, by its form, or wherever a value turns up that is known to be one", () => {
  const secrets = new RunSecrets([]);
  secrets.learnNamed({ login: { password: "correct horse" } });
  const { log, printed } = buffer(100, secrets);
  log.add("info", "the password is correct horse", { apiKey: "k-123456", note: "Bearer abcdef123" });
  log.add("info", `${"x".repeat(9_995)}correct horse`);
  const kept = log.drain();
  expect(kept[0]).toMatchObject({
    message: "the password is [redacted]",
    data: { apiKey: "[redacted]", note: "Bearer [redacted]" },
  });
  expect(JSON.stringify([kept, printed])).not.toMatch(/correct|horse|k-123456|abcdef/);
});

test("a secret that is known only later is in no line that is written after that", () => {
  const secrets = new RunSecrets([]);
  const { log } = buffer(100, secrets);
  log.add("info", "trying correct horse");
  secrets.learnNamed({ password: "correct horse" });
  expect(log.drain().map(({ message }) => message)).toEqual(["trying [redacted]"]);
});
