/** Who guesses wrongly too often, has to wait: by remote address, whatever they try. Successes never count. */
import { expandIPv6 } from "hono/utils/ipaddr";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { RefusedError } from "../problem.ts";

const MOST_FAILURES = 10;
const WINDOW_SECONDS = 60;

export class FailedAttempts {
  private readonly limiter = new RateLimiterMemory({ points: MOST_FAILURES, duration: WINDOW_SECONDS });

  /** @throws RefusedError for an address that has failed too often, even when it would be right now */
  async assertMayTry(address: string): Promise<void> {
    const failures = await this.limiter.get(networkOf(address));
    if (failures === null || failures.consumedPoints < MOST_FAILURES) return;
    const seconds = Math.max(1, Math.ceil(failures.msBeforeNext / 1_000));
    throw new RefusedError("too-many-attempts", `Too many failed attempts from this address. Wait ${seconds} s.`, {
      headers: { "Retry-After": String(seconds) },
    });
  }

  async count(address: string): Promise<void> {
    await this.limiter.penalty(networkOf(address));
  }
}

/** One customer has 2^64 addresses of IPv6: what counts is the network. */
function networkOf(address: string): string {
  const isVersion6 = address.includes(":") && !address.includes(".");
  return isVersion6 ? expandIPv6(address).split(":").slice(0, 4).join(":") : address;
}
