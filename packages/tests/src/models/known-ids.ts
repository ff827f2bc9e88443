/** Every id that a store ever gave, also of rows that are gone or never came to be: what a command may name. */

/** Names that nothing has. */
const STRANGERS = ["", "no such id", "'; DROP TABLE events; --", "a\0b", "😀", "__proto__", "x".repeat(5_000)];

export class KnownIds {
  private readonly ids = new Map<string, string[]>();

  learn(kind: string, id: string): void {
    const known = this.ids.get(kind) ?? [];
    if (!known.includes(id)) this.ids.set(kind, [...known, id]);
  }

  /** Gives one of the ids of this kind; now and then (and where there is none) one that nothing has. */
  pick<Id extends string>(kind: string, choice: number): Id {
    const known = this.ids.get(kind) ?? [];
    const isStranger = known.length === 0 || choice % 12 === 0;
    const list = isStranger ? STRANGERS : known;
    // An id of the asked kind, or a text in its place, which is what a store must bear.
    return list[choice % list.length] as Id;
  }
}
