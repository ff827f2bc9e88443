import { expect, test } from "vitest";
import type { EndedAttempt, Recorded } from "./job-model.ts";
import { JobOutcomes } from "./job-outcomes.ts";

// Neither is looked into.
const end = (name: string) => ({ name }) as unknown as EndedAttempt;
const recorded = (ended: EndedAttempt) => ({ of: ended }) as unknown as Recorded;

/** A model whose transactions begin when the test says so. */
function openModel(refuses: (ended: EndedAttempt) => boolean = () => false) {
  const begin: (() => void)[] = [];
  const blocks: number[] = [];
  const recordOutcome = async (ended: EndedAttempt) => {
    if (refuses(ended)) throw new Error("refused");
    return recorded(ended);
  };
  const recordOutcomes = async (take: () => readonly EndedAttempt[]) => {
    await new Promise<void>((resolve) => begin.push(resolve));
    const block = take();
    blocks.push(block.length);
    return Promise.all(block.map(recordOutcome));
  };
  return { outcomes: new JobOutcomes({ recordOutcome, recordOutcomes }), begin, blocks };
}

test("all that is told before the transaction begins is part of it, what comes later is part of another", async () => {
  const { outcomes, begin, blocks } = openModel();
  const early = ["a", "b", "c"].map((name) => outcomes.record(end(name)));
  begin[0]?.();
  expect(await Promise.all(early)).toEqual(["a", "b", "c"].map((name) => recorded(end(name))));
  const late = outcomes.record(end("d"));
  begin[1]?.();
  expect(await late).toEqual(recorded(end("d")));
  expect(blocks).toEqual([3, 1]);
});

test("where one is refused the others are recorded by themselves", async () => {
  const bad = end("bad");
  const { outcomes, begin } = openModel((ended) => ended === bad);
  const told = [end("a"), bad, end("c")].map((ended) => outcomes.record(ended));
  begin[0]?.();
  expect((await Promise.allSettled(told)).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("what was told for a transaction that never began is not lost", async () => {
  let closed = false;
  const recordOutcome = async (ended: EndedAttempt) => {
    if (closed) throw new Error("closed");
    return recorded(ended);
  };
  const outcomes = new JobOutcomes({ recordOutcome, recordOutcomes: () => Promise.reject(new Error("locked")) });
  expect(await Promise.all([outcomes.record(end("a")), outcomes.record(end("b"))])).toEqual([
    recorded(end("a")),
    recorded(end("b")),
  ]);
  closed = true;
  await expect(outcomes.record(end("c"))).rejects.toThrow("locked");
  await expect(outcomes.record(end("d"))).rejects.toThrow("locked");
});
