/**
 * The typed client of the HTTP API.
 * A call is `await take(api.GET("/api/runs/{run}", { params: { path: { run } }, signal }))`: it gives the response's
 * body or throws an `ApiProblem`.
 */
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./api.generated.ts";
import { problemFrom } from "./api-problem.ts";

/** The shapes that the API names, for example `Schema<"RunSummary">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const csrfHeader = "x-csrf-token";
const sessionPath = "/api/session";
const safeMethods = new Set(["GET", "HEAD"]);

let csrfToken: string | null = null;
let onSignedOut: () => void = () => {};

/** The token that the session came with; each request that changes something carries it. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Says what follows when the host no longer knows the session. */
export function setOnSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

const session: Middleware = {
  onRequest({ request }) {
    if (csrfToken !== null && !safeMethods.has(request.method)) request.headers.set(csrfHeader, csrfToken);
    return request;
  },
  onResponse({ response, schemaPath }) {
    // Whoever asks for the session itself is told there that there is none.
    if (response.status === 401 && schemaPath !== sessionPath) onSignedOut();
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin" });
api.use(session);

/**
 * The body of a call's response.
 * @throws ApiProblem when the host refuses or fails
 */
export async function take<Data>(
  call: Promise<{ data?: Data | undefined; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemFrom(response.status, error);
  // A response that is fine has the body that the contract promises.
  return data as Data;
}

/** The query that a list takes, for example `QueryOf<"/api/runs">`. */
export type QueryOf<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Query } } }
  ? NonNullable<Query>
  : never;

/**
 * The filters of an address as the query of a list: `asQuery<"/api/runs">(filters)`. They are what somebody may have
 * typed there: the host parses them, and its refusal is shown where the list would be.
 */
export function asQuery<Path extends keyof paths>(
  filters: Readonly<Record<string, string | undefined>>,
): QueryOf<Path> {
  const set = Object.entries(filters).filter(([, value]) => value !== undefined && value !== "");
  // See above: the host is the one that checks.
  return Object.fromEntries(set) as QueryOf<Path>;
}
