/** The ids of a workflow's topics by name. A workflow has few, and an engine may have very many workflows: no map of each. */
import type { TopicId } from "@millrace/db";

export class TopicIds {
  private readonly names: readonly string[];
  private readonly ids: readonly TopicId[];

  /** @param ids of the names, in their order */
  constructor(names: readonly string[], ids: readonly TopicId[]) {
    this.names = names;
    // As long as it must be: what was made by adding has room for more.
    this.ids = ids.slice();
  }

  get(name: string): TopicId | undefined {
    return this.ids[this.names.indexOf(name)];
  }

  keys(): Iterable<string> {
    return this.names;
  }
}
