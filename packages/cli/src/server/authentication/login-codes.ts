/** One-time codes that let a person in from a printed address. */
import type { Clock } from "@millrace/agent";
import { digestOf, newSecret } from "./secrets.ts";

const GOOD_FOR_MS = 10 * 60 * 1_000;
/** More open codes than this are of no use to anybody: the oldest is given up. */
const MOST_OPEN = 16;

export class LoginCodes {
  private readonly clock: Clock;
  /** By digest, the oldest first: until when each is good. */
  private readonly open = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Makes a code that is good once, for ten minutes. */
  create(): string {
    const code = newSecret();
    this.open.set(digestOf(code), this.clock.now() + GOOD_FOR_MS);
    for (const digest of this.open.keys()) if (this.open.size > MOST_OPEN) this.open.delete(digest);
    return code;
  }

  /** Uses a code up; false when it is not good. */
  redeem(code: string): boolean {
    const digest = digestOf(code);
    const goodUntil = this.open.get(digest);
    this.open.delete(digest);
    return goodUntil !== undefined && this.clock.now() < goodUntil;
  }
}
