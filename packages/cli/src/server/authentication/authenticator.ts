/**
 * Finds out who asks: by an access token, the host's own token, or a session's cookie.
 *
 * Invariants:
 * 1. A credential that is given and not good is refused; nothing else is tried in its place.
 * 2. What was good is looked at anew with every request: a token that is revoked is good for nothing at once.
 */
import type { Clock } from "@millrace/agent";
import { DEFAULT_PLATFORM_ID, type AccessToken, type AccessTokenStore } from "@millrace/db";
import { parse as parseCookies } from "hono/utils/cookie";
import type { Principal } from "./principal.ts";
import { RefusedError } from "../problem.ts";
import { DashboardSessions, type DashboardSession } from "./dashboard-sessions.ts";
import { FailedAttempts } from "./failed-attempts.ts";
import { LoginCodes } from "./login-codes.ts";
import { digestOf, matches } from "./secrets.ts";

export const SESSION_COOKIE = "millrace_session";

/** Who asks, and with what. */
export interface Identity {
  principal: Principal;
  /** Null where a token was sent with the request. */
  session: DashboardSession | null;
  /** The digest of the access token that it rests on; null where it rests on none. */
  tokenDigest: string | null;
  /** In Unix milliseconds; null for never. */
  expiresAt: number | null;
}

export interface AuthenticatorOptions {
  accessTokens: AccessTokenStore;
  clock: Clock;
  /** The digest of the host's own token. */
  hostTokenDigest: string;
  /** Whom the host's own token and its login codes stand for. */
  operatorName: string;
}

export class Authenticator {
  readonly codes: LoginCodes;
  readonly attempts = new FailedAttempts();
  private readonly options: AuthenticatorOptions;
  private readonly sessions: DashboardSessions;

  constructor(options: AuthenticatorOptions) {
    this.options = options;
    this.codes = new LoginCodes(options.clock);
    this.sessions = new DashboardSessions(options.clock);
  }

  /** Who sends this request; null when it carries no credential. @throws RefusedError for one that is not good */
  async identify(request: Request, remoteAddress: string): Promise<Identity | null> {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) return this.identifyByToken(bearerToken(authorization), remoteAddress);
    const id = parseCookies(request.headers.get("cookie") ?? "", SESSION_COOKIE)[SESSION_COOKIE];
    if (id === undefined) return null;
    const session = this.sessions.use(id);
    const identity = session && fromSession(session);
    if (identity !== null && (await this.isStillGood(identity))) return identity;
    // Such ids can't be guessed, so this is a session that is over, not an attempt.
    throw new RefusedError("unauthenticated", "This session is over. Log in again.");
  }

  /** Begins a session. @throws RefusedError for a code or a token that is not good */
  async logIn(
    credential: { code: string } | { token: string },
    remoteAddress: string,
  ): Promise<{ id: string; identity: Identity }> {
    const { id, session } =
      "code" in credential
        ? await this.logInByCode(credential.code, remoteAddress)
        : await this.logInByToken(credential.token, remoteAddress);
    return { id, identity: fromSession(session) };
  }

  logOut(session: DashboardSession): void {
    this.sessions.end(session.digest);
  }

  /** Whether a credential that was good when it was looked at still is. */
  async isStillGood({ session, tokenDigest }: Identity): Promise<boolean> {
    if (session !== null && this.sessions.find(session.digest) === null) return false;
    return tokenDigest === null || this.isGood(await this.options.accessTokens.findByDigest(tokenDigest));
  }

  private async logInByCode(code: string, remoteAddress: string) {
    await this.attempts.assertMayTry(remoteAddress);
    if (this.codes.redeem(code)) return this.sessions.begin(this.operator, null);
    await this.attempts.count(remoteAddress);
    throw new RefusedError(
      "unauthenticated",
      "This login address has been used, or is older than ten minutes. Restart the host for another, or use an access token.",
    );
  }

  private async logInByToken(token: string, remoteAddress: string) {
    const { principal, tokenDigest, expiresAt } = await this.identifyByToken(token, remoteAddress);
    if (principal.role === "publisher") {
      throw new RefusedError("forbidden", "This token is good for publishing only; it can't log in.");
    }
    return this.sessions.begin(principal, tokenDigest === null ? null : { digest: tokenDigest, expiresAt });
  }

  private async identifyByToken(token: string | null, remoteAddress: string): Promise<Identity> {
    await this.attempts.assertMayTry(remoteAddress);
    const identity = token === null ? null : await this.findByToken(token);
    if (identity !== null) return identity;
    await this.attempts.count(remoteAddress);
    throw new RefusedError("unauthenticated", "This access token is not good: it is wrong, expired or revoked.");
  }

  private async findByToken(token: string): Promise<Identity | null> {
    if (matches(token, this.options.hostTokenDigest)) {
      return { principal: { ...this.operator, channel: "api" }, session: null, tokenDigest: null, expiresAt: null };
    }
    const found = await this.options.accessTokens.findByDigest(digestOf(token));
    if (!this.isGood(found)) return null;
    const { name, role, platformId, digest, expiresAt } = found;
    return { principal: { name, role, platformId, channel: "api" }, session: null, tokenDigest: digest, expiresAt };
  }

  private isGood(token: AccessToken | null): token is AccessToken {
    if (token === null || token.revokedAt !== null) return false;
    return token.expiresAt === null || this.options.clock.now() < token.expiresAt;
  }

  private get operator() {
    return { name: this.options.operatorName, role: "operator", platformId: DEFAULT_PLATFORM_ID } as const;
  }
}

function fromSession(session: DashboardSession): Identity {
  return {
    principal: session.principal,
    session,
    tokenDigest: session.tokenDigest,
    expiresAt: session.endsAt,
  };
}

/** The token of an `Authorization` header; null when it is of another kind. */
function bearerToken(authorization: string): string | null {
  const [, token = null] = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization) ?? [];
  return token;
}
