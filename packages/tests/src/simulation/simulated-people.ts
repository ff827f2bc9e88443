/** People, who see what the engine shows them and decide as a seed says; sometimes they are wrong. */
import type { Mutation } from "@millrace/db";
import type { History, Tally } from "./history.ts";
import type { OutsideWorld } from "./outside-world.ts";
import { isRefusal } from "./refusals.ts";
import { streamOf, type RandomStream } from "./random-stream.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

export class SimulatedPeople {
  /** Idempotency keys about which somebody has said what was not so: the engine can't be blamed for what follows. */
  readonly misled = new Set<string>();
  private decided = 0;
  private readonly random: RandomStream;
  private readonly world: OutsideWorld;
  private readonly history: History;
  private readonly tally: Tally;

  constructor(seed: number, world: OutsideWorld, history: History, tally: Tally) {
    this.random = streamOf(seed, "people");
    this.world = world;
    this.history = history;
    this.tally = tally;
  }

  /** Looks at all that waits for a person. Gives how much was decided. @param diligent whether they leave nothing and are never wrong */
  async decide(process: SimulatedProcess, diligent: boolean): Promise<number> {
    const { engine } = process;
    const before = this.decided;
    const open = await process.run(() => engine.outputs({ unresolved: true, limit: 100 }));
    for (const mutation of open.toReversed()) {
      if (diligent || this.random.chance(0.6)) await this.resolve(process, mutation, diligent);
    }
    const waiting = await process.run(() => engine.outputs({ statuses: ["pending"], limit: 100 }));
    for (const mutation of waiting.toReversed()) {
      if (mutation.approvedAt === null && (diligent || this.random.chance(0.7))) {
        const approved = this.random.chance(0.8);
        this.note(`approval ${approved ? "given" : "refused"}`, mutation.idempotencyKey);
        await this.attempt(process, () => engine.approve(mutation.id, { by: "person", approved }));
      }
    }
    for (const { name, error } of await process.run(() => engine.status())) {
      if (error === null || !(diligent || this.random.chance(0.6))) continue;
      this.note("retry", name);
      await this.attempt(process, () => engine.retry(name, { by: "person" }));
    }
    if (diligent || this.random.chance(0.3)) await this.read(process);
    return this.decided - before;
  }

  private async resolve(process: SimulatedProcess, mutation: Mutation, diligent: boolean): Promise<void> {
    const { idempotencyKey: key, id } = mutation;
    const happened = this.world.knows(key);
    const isWrong = !diligent && this.random.chance(0.1);
    const asked = this.random.weighted({ truth: 6, skip: 1, try_again: diligent ? 0 : 1 });
    const verdict = asked !== "truth" ? asked : happened !== isWrong ? "happened" : "did_not_happen";
    if (asked === "truth" && isWrong) this.misled.add(key);
    this.note(`verdict ${verdict}${asked === "truth" && isWrong ? " (wrong)" : ""}`, key);
    await this.attempt(process, () => process.engine.resolveMutation(id, { verdict, by: "person" }));
  }

  /** What only tells them something is read and put away. */
  private async read(process: SimulatedProcess): Promise<void> {
    const { engine } = process;
    for (const { notification } of await process.run(() => engine.needsAttention())) {
      if (notification.kind !== "late_outcome" && notification.jobId === null) continue;
      await this.attempt(process, () => engine.dismiss(notification.id));
    }
  }

  private note(what: string, about: string): void {
    this.decided += 1;
    this.tally.add(`people ${what}`);
    this.history.add(`a person: ${what} ${about}`);
  }

  /** Somebody may have been quicker: then it is refused. */
  private async attempt(process: SimulatedProcess, work: () => Promise<unknown>): Promise<void> {
    try {
      await process.run(work);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.history.add(`refused: ${error.name}`);
    }
  }
}
