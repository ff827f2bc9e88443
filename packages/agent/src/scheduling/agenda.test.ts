import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { Agenda } from "./agenda.ts";

function agendaFrom(start: number) {
  const clock = new FakeClock(start);
  const handedOut: string[] = [];
  const agenda = new Agenda<string>(clock, (items) => handedOut.push(...items));
  return { clock, agenda, handedOut };
}

test("items are handed out in the order of their times", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 60 }), (times) => {
      const { clock, agenda, handedOut } = agendaFrom(0);
      agenda.start();
      for (const [index, at] of times.entries()) agenda.set(`key ${index}`, at, String(at));
      while (clock.fireNext(2_000)) continue;
      expect(handedOut).toEqual(times.toSorted((a, b) => a - b).map(String));
      expect(agenda.size).toBe(0);
    }),
  );
});

test("a key that is set again has its new time only, and one that is deleted has none", () => {
  const { clock, agenda, handedOut } = agendaFrom(0);
  agenda.start();
  agenda.set("a", 10, "first");
  agenda.set("a", 30, "second");
  agenda.set("b", 20, "deleted");
  agenda.delete("b");
  expect(agenda.nextAt).toBe(30);
  while (clock.fireNext(100)) continue;
  expect(handedOut).toEqual(["second"]);
});

test("nothing is handed out before the start, and nothing of it is lost", () => {
  const { clock, agenda, handedOut } = agendaFrom(100);
  agenda.set("overdue", 50, "overdue");
  agenda.set("later", 200, "later");
  expect(clock.fireNext(1_000)).toBe(false);
  agenda.start();
  clock.jumpTo(300);
  agenda.set("now", 300, "now");
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() =>
    expect(handedOut).toEqual(["overdue", "later", "now"]),
  );
});

test("one timer waits, whatever is on the agenda", () => {
  const { clock, agenda } = agendaFrom(0);
  agenda.start();
  const before = clock.timersSet;
  for (let index = 0; index < 1_000; index += 1) agenda.set(`key ${index}`, 10_000 + index, "x");
  expect(clock.timersSet - before).toBe(1);
});
