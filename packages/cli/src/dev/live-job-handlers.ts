/** Job handlers whose code can be replaced: an engine is given each name once, and what stands behind it may change. */
import { NonRetryableError, type JobHandler } from "@millrace/agent";

export class LiveJobHandlers {
  private readonly current = new Map<string, JobHandler>();

  /** Takes the handlers of a file; gives those that the engine does not have yet. */
  take(handlers: readonly JobHandler[]): JobHandler[] {
    const added = handlers.filter(({ name }) => !this.current.has(name)).map(({ name }) => this.standIn(name));
    for (const known of this.current.keys()) {
      if (!handlers.some(({ name }) => name === known)) this.current.set(known, gone(known));
    }
    for (const handler of handlers) this.current.set(handler.name, handler);
    return added;
  }

  private standIn(name: string): JobHandler {
    const current = () => this.current.get(name) ?? gone(name);
    // The engine reads these whenever it needs them; it takes one that is undefined for one that is not there.
    return {
      name,
      get payload() {
        return current().payload;
      },
      get maxConcurrent() {
        return current().maxConcurrent;
      },
      handler: (payload, context) => current().handler(payload, context),
    } as JobHandler;
  }
}

/** What stands for a handler that the file has no more. */
function gone(name: string): JobHandler {
  return {
    name,
    handler() {
      throw new NonRetryableError(`The file has no job handler "${name}" any more.`);
    },
  };
}
