import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { Agenda } from "./agenda.ts";

function agendaFrom(start: number) {
  const clock = new FakeClock(start);
  const handedOut: string[] = [];
  const agenda = new Agenda(clock);
  const section = agenda.section<string>((items) => handedOut.push(...items));
  return { clock, agenda, section, handedOut };
}

test("items are handed out in the order of their times", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 60 }), (times) => {
      const { clock, agenda, section, handedOut } = agendaFrom(0);
      agenda.start();
      for (const [index, at] of times.entries()) section.set(`key ${index}`, at, String(at));
      while (clock.fireNext(2_000)) continue;
      expect(handedOut).toEqual(times.toSorted((a, b) => a - b).map(String));
      expect(agenda.size).toBe(0);
    }),
  );
});

test("a key that is set again has its new time only, and one that is deleted has none", () => {
  const { clock, agenda, section, handedOut } = agendaFrom(0);
  agenda.start();
  section.set("a", 10, "first");
  section.set("a", 30, "second");
  section.set("b", 20, "deleted");
  section.delete("b");
  expect(agenda.nextAt).toBe(30);
  while (clock.fireNext(100)) continue;
  expect(handedOut).toEqual(["second"]);
});

test("nothing is handed out before the start, and nothing of it is lost", () => {
  const { clock, agenda, section, handedOut } = agendaFrom(100);
  section.set("overdue", 50, "overdue");
  section.set("later", 200, "later");
  expect(clock.fireNext(1_000)).toBe(false);
  agenda.start();
  clock.jumpTo(300);
  section.set("now", 300, "now");
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() =>
    expect(handedOut).toEqual(["overdue", "later", "now"]),
  );
});

test("one timer waits, whatever is on the agenda", () => {
  const { clock, agenda, section } = agendaFrom(0);
  agenda.start();
  const before = clock.timersSet;
  for (let index = 0; index < 1_000; index += 1) section.set(`key ${index}`, 10_000 + index, "x");
  expect(clock.timersSet - before).toBe(1);
});

test("sections do not see each other's items, even under the same key", () => {
  const { clock, agenda, section, handedOut } = agendaFrom(0);
  const others: string[] = [];
  const other = agenda.section<string>((items) => others.push(...items));
  agenda.start();
  section.set("a", 10, "mine");
  other.set("a", 10, "theirs");
  other.set("b", 20, "also theirs");
  while (clock.fireNext(100)) continue;
  expect(handedOut).toEqual(["mine"]);
  expect(others).toEqual(["theirs", "also theirs"]);
});

test("a closed section hands out nothing, whatever is noted in it; the others go on", () => {
  const { clock, agenda, section, handedOut } = agendaFrom(0);
  const others: string[] = [];
  const other = agenda.section<string>((items) => others.push(...items));
  agenda.start();
  section.set("before", 10, "before");
  other.set("a", 20, "theirs");
  section.close();
  section.set("after", 0, "after");
  expect(agenda.hasDue).toBe(false);
  expect(agenda.nextAt).toBe(20);
  while (clock.fireNext(100)) continue;
  expect(handedOut).toEqual([]);
  expect(others).toEqual(["theirs"]);
});

test("what is put off again and again is not kept, and what counts is not lost", () => {
  const { clock, agenda, section, handedOut } = agendaFrom(0);
  agenda.start();
  for (let turn = 0; turn < 10_000; turn += 1) section.set(`key ${turn % 3}`, 1_000_000 + turn, String(turn));
  expect(agenda.kept).toBeLessThan(100);
  clock.fireNext(2_000_000);
  while (clock.fireNext(2_000_000)) continue;
  expect(handedOut).toEqual(["9997", "9998", "9999"]);
});
