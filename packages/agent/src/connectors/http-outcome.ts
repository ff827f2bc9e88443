/** What the status of an HTTP answer says about the call (specs/done/connectors.md has the table). */
import { AuthError, LogicError, NetworkError, PermissionError, RateLimitError } from "../errors.ts";
import { decodeText } from "./http-body.ts";
import type { HttpAnswer } from "./http-request.ts";

/** How much of an answer's text goes into an error. */
const SHOWN_CHARACTERS = 300;

/** Neither refused nor carried out for certain: the other side gave up on it, or won't say what it did with it. */
const UNDECIDED_REFUSALS = new Set([408, 425]);

/** The request is to be made elsewhere, with the same method: it was not carried out here (RFC 9110, 15.4.8 and 15.4.9). */
const MADE_ELSEWHERE = new Set([307, 308]);

/** @throws the classified error of any status that is not 2xx */
export function checkStatus(answer: HttpAnswer, call: string, now: number): void {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return;
  const said = `${call} answered ${status}${excerpt(answer)}`;
  if (status === 401) throw new AuthError(said);
  if (status === 403) throw new PermissionError(said);
  if (status === 429) throw new RateLimitError(said, retryAfter(answer, now));
  if (MADE_ELSEWHERE.has(status))
    throw new LogicError(`${said}. It was not carried out; the request belongs to ${headers.location ?? "elsewhere"}.`);
  if (status >= 400 && status < 500 && !UNDECIDED_REFUSALS.has(status)) throw new LogicError(said);
  // Among these are 301, 302 and 303: after a POST they commonly mean that it was carried out.
  throw new NetworkError(said);
}

function excerpt({ body, headers }: HttpAnswer): string {
  const text = decodeText(body, headers["content-type"]).slice(0, SHOWN_CHARACTERS).trim();
  return text === "" ? "" : `: ${text}`;
}

/** Reads Retry-After: a number of seconds, or a date. */
function retryAfter({ headers }: HttpAnswer, now: number): { retryAfterMs?: number } {
  const value = headers["retry-after"]?.trim();
  if (value === undefined) return {};
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isSafeInteger(milliseconds) ? { retryAfterMs: Math.max(0, milliseconds) } : {};
}
