/** Somebody who follows the changes with an `EventSource` that we did not write. */
import { EventSource } from "eventsource";
import { bearer } from "./api-client.ts";

export interface FollowedChange {
  /** Of the event of the stream. */
  eventId: string;
  /** What the event says, as JSON. */
  data: string;
}

export class Follower {
  readonly changes: FollowedChange[] = [];
  /** `ready` and `reset`, as they came. */
  readonly greetings: string[] = [];
  private readonly source: EventSource;
  private readonly waiting = new Set<() => void>();

  constructor(url: string, token: string) {
    this.source = new EventSource(url, {
      fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...bearer(token) } }),
    });
    this.source.addEventListener("message", ({ lastEventId: eventId, data }) => {
      this.changes.push({ eventId, data: String(data) });
      this.wake();
    });
    for (const name of ["ready", "reset"]) {
      this.source.addEventListener(name, () => {
        this.greetings.push(name);
        this.wake();
      });
    }
  }

  /** Resolves as soon as something is so; looked at whenever something comes in. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  close(): void {
    this.source.close();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
