/** What the status of an HTTP answer says about the call (specs/done/connectors.md has the table). */
import { AuthError, LogicError, NetworkError, PermissionError, RateLimitError } from "../errors.ts";
import type { HttpAnswer } from "./http-request.ts";

/** How much of an answer's text goes into an error. */
const SHOWN_CHARACTERS = 300;

/** @throws the classified error of any status that is not 2xx */
export function checkStatus(answer: HttpAnswer, call: string, now: number): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const said = `${call} answered ${status}${excerpt(answer)}`;
  if (status === 401) throw new AuthError(said);
  if (status === 403) throw new PermissionError(said);
  if (status === 429) throw new RateLimitError(said, retryAfter(answer, now));
  // 408 and 425 say that the other side gave up on the request or won't say what it did with it.
  if (status >= 400 && status < 500 && status !== 408 && status !== 425) throw new LogicError(said);
  // A redirect of a mutation is not followed: 303 after a POST means that it was carried out.
  throw new NetworkError(said);
}

function excerpt({ body }: HttpAnswer): string {
  const text = body.toString("utf8").slice(0, SHOWN_CHARACTERS).trim();
  return text === "" ? "" : `: ${text}`;
}

/** Reads Retry-After: a number of seconds, or a date. */
function retryAfter({ headers }: HttpAnswer, now: number): { retryAfterMs?: number } {
  const value = headers["retry-after"];
  if (value === undefined) return {};
  const milliseconds = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? { retryAfterMs: Math.max(0, milliseconds) } : {};
}
