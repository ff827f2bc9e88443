/** Coming in and leaving. */
import type { Stores } from "@millrace/db";
import { serialize } from "hono/utils/cookie";
import { createSession, endSession, showSession } from "../contract/session.ts";
import { implement, type Implementation } from "../implementation.ts";
import { RefusedError } from "../problem.ts";
import { SESSION_COOKIE, type Authenticator, type Identity } from "./authenticator.ts";

export interface SessionOptions {
  authenticator: Authenticator;
  stores: Stores;
  /** Whether the host is reached over https. */
  isSecure: boolean;
  onSessionEnd: () => void;
}

export function sessionOperations({ authenticator, stores, isSecure, onSessionEnd }: SessionOptions): Implementation[] {
  const cookie = (value: string, maxAge?: number) =>
    serialize(SESSION_COOKIE, value, {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      secure: isSecure,
      ...(maxAge !== undefined && { maxAge }),
    });
  const show = async ({ principal, session, expiresAt }: Identity) => ({
    name: principal.name,
    role: principal.role,
    platform: (await stores.platforms.list()).find(({ id }) => id === principal.platformId)?.name ?? "",
    csrfToken: session?.csrfToken ?? null,
    expiresAt,
  });
  // What follows from a session is its CSRF token, which only the page that is told of it can have.
  const options = { isUnredacted: true };
  return [
    implement(
      createSession,
      async ({ body }, _context, { remoteAddress, response }) => {
        const { id, identity } = await authenticator.logIn(body, remoteAddress);
        response.headers.append("Set-Cookie", cookie(id));
        return show(identity);
      },
      options,
    ),
    implement(showSession, async (_input, _context, { identity }) => show(known(identity)), options),
    implement(endSession, async (_input, _context, { identity, response }) => {
      const { session } = known(identity);
      if (session) authenticator.logOut(session);
      onSessionEnd();
      response.headers.append("Set-Cookie", cookie("", 0));
      return { done: true as const };
    }),
  ];
}

function known(identity: Identity | null): Identity {
  if (identity === null) throw new RefusedError("unauthenticated", "Log in first.");
  return identity;
}
