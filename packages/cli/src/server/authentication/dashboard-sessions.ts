/**
 * The sessions of people who use the dashboard. They are kept in memory: a restart ends them.
 *
 * Invariants:
 * 1. The id of a session is kept by the browser alone; here is its digest.
 * 2. A session ends when it was not used for a while, after a week whatever happens, and with the token that began it.
 * 3. There are never more than so many: who comes then ends the one that was not used for the longest time.
 */
import type { Clock } from "@millrace/agent";
import type { Principal } from "./principal.ts";
import { digestOf, matches, newSecret } from "./secrets.ts";

const HOUR_MS = 60 * 60 * 1_000;
const IDLE_MS = 12 * HOUR_MS;
const LONGEST_MS = 7 * 24 * HOUR_MS;
const MOST_SESSIONS = 1_000;

export interface DashboardSession {
  /** The digest of its id. */
  digest: string;
  principal: Principal;
  /** The digest of the access token that began it; null where a login code did, or the host's own token. */
  tokenDigest: string | null;
  csrfToken: string;
  lastUsedAt: number;
  /** When it ends whatever happens, in Unix milliseconds. */
  endsAt: number;
}

export class DashboardSessions {
  private readonly clock: Clock;
  /** By the digest of the id, the one that was not used for the longest time first. */
  private readonly sessions = new Map<string, DashboardSession>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Begins a session; gives its id, which only the browser keeps. */
  begin(
    principal: Omit<Principal, "channel">,
    token: { digest: string; expiresAt: number | null } | null,
  ): { id: string; session: DashboardSession } {
    const now = this.clock.now();
    const id = newSecret();
    const session: DashboardSession = {
      digest: digestOf(id),
      principal: { ...principal, channel: "dashboard" },
      tokenDigest: token?.digest ?? null,
      csrfToken: newSecret(),
      lastUsedAt: now,
      endsAt: Math.min(now + LONGEST_MS, token?.expiresAt ?? Infinity),
    };
    this.sessions.set(session.digest, session);
    for (const digest of this.sessions.keys()) if (this.sessions.size > MOST_SESSIONS) this.sessions.delete(digest);
    return { id, session };
  }

  /** The session of this id, which counts as used now; null when there is none or it is over. */
  use(id: string): DashboardSession | null {
    const session = this.find(digestOf(id));
    if (session === null) return null;
    session.lastUsedAt = this.clock.now();
    this.sessions.delete(session.digest);
    this.sessions.set(session.digest, session);
    return session;
  }

  /** The session with an id of this digest; null when there is none or it is over. */
  find(digest: string): DashboardSession | null {
    const session = this.sessions.get(digest);
    if (session === undefined) return null;
    const now = this.clock.now();
    if (now < session.endsAt && now - session.lastUsedAt < IDLE_MS) return session;
    this.sessions.delete(digest);
    return null;
  }

  end(digest: string): void {
    this.sessions.delete(digest);
  }
}

/** Whether a request carries the CSRF token of its session. */
export function hasCsrfToken(request: Request, { csrfToken }: DashboardSession): boolean {
  return matches(request.headers.get("x-csrf-token") ?? "", digestOf(csrfToken));
}
