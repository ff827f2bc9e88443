/** Reading over HTTP: redirects are followed, with the address checked and the headers reconsidered at each. */
import { LogicError, NetworkError } from "../errors.ts";
import { headersForAnyone } from "./http-headers.ts";
import { exchange, type HttpAnswer, type HttpExchange } from "./http-request.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** @throws NetworkError, PermissionError, LogicError */
export async function readFollowing(request: Omit<HttpExchange, "body">): Promise<{ answer: HttpAnswer; url: URL }> {
  let { url } = request;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const headers = url.origin === request.url.origin ? request.headers : headersForAnyone(request.headers);
    const answer = await exchange({ ...request, url, headers, body: null });
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.status) || location === undefined) return { answer, url };
    url = redirected(location, url);
  }
  throw new LogicError(`${withoutQuery(request.url)} was redirected more than ${MAX_REDIRECTS} times.`);
}

function redirected(location: string, from: URL): URL {
  const target = URL.parse(location, from.href);
  if (!target) throw new NetworkError(`${withoutQuery(from)} redirects to "${location}", which is no URL.`);
  // Whoever redirects does not choose our credentials.
  target.username = "";
  target.password = "";
  return target;
}

/** A URL without what may be secret in it. */
export function withoutQuery({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** A signal that aborts with another one, or after a time. */
export function withTimeout(signal: AbortSignal, timeoutMs: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
}
