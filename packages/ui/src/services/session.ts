/**
 * Who looks at the dashboard. The address that the host prints carries a one-time code in its fragment, which never
 * reaches a server's log; it is exchanged for a session's cookie and leaves the address at once.
 */
import { queryOptions, type QueryClient, useQuery } from "@tanstack/react-query";
import { api, type Schema, setCsrfToken, take } from "./api.ts";
import { ApiProblem } from "./api-problem.ts";

export type Session = Schema<"Session">;

/** What a person signs in with: the code of a printed address, or a token. */
export type Credential = { code: string } | { token: string };

const sessionKey = ["session"] as const;

/** The session, or null for nobody. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async (): Promise<Session | null> => {
    const code = takeLoginCode();
    if (code !== null) return begin({ code });
    try {
      return remember(await take(api.GET("/api/session")));
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
  gcTime: Infinity,
  retry: false,
});

/** Whether who is signed in may do more than look. */
export function useMayOperate(): boolean {
  return useQuery(sessionQuery).data?.role === "operator";
}

/**
 * Signs in, so that the session is known to all who ask for it.
 * @throws ApiProblem when the host refuses
 */
export async function signIn(client: QueryClient, credential: Credential): Promise<void> {
  client.setQueryData(sessionKey, await begin(credential));
}

/** Ends the session here and on the host; nothing of what was shown is kept. */
export async function signOut(client: QueryClient): Promise<void> {
  await take(api.DELETE("/api/session"));
  forgetSession(client);
}

/** The host no longer knows the session. */
export function forgetSession(client: QueryClient): void {
  setCsrfToken(null);
  client.setQueryData(sessionKey, null);
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
}

async function begin(credential: Credential): Promise<Session> {
  return remember(await take(api.POST("/api/session", { body: credential })));
}

/** Takes the code out of the address, so that neither the history nor a copied address keeps it. */
function takeLoginCode(): string | null {
  const { hash, pathname, search } = window.location;
  const code = new URLSearchParams(hash.slice(1)).get("login");
  if (code !== null) window.history.replaceState(window.history.state, "", pathname + search);
  return code;
}

function remember(session: Session): Session {
  setCsrfToken(session.csrfToken);
  return session;
}
