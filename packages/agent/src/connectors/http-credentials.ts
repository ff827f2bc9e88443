/** Credentials of an `http` connector: made for each request, never stored, never shown. */
import type { HttpAnswer } from "./http-request.ts";
import { AuthError, ClassifiedError, NetworkError } from "../errors.ts";

const HIDDEN = "[hidden]";

/** A value that is not shown: itself, or what gives it for each request. */
export type Secret = string | (() => string | Promise<string>);

/** What proves to the other side who asks. */
export type HttpAuth = { bearer: Secret } | { header: string; value: Secret };

export interface Credentials {
  header: string;
  value: string;
  /** What must not be shown. */
  secret: string;
}

/** @throws a classified error which says that nothing was sent, because without credentials nothing is */
export async function credentialsOf(auth: HttpAuth): Promise<Credentials> {
  if ("header" in auth) {
    const secret = await reveal(auth.value);
    return { header: auth.header.toLowerCase(), value: secret, secret };
  }
  const secret = await reveal(auth.bearer);
  return { header: "authorization", value: `Bearer ${secret}`, secret };
}

async function reveal(secret: Secret): Promise<string> {
  if (typeof secret === "string") return secret;
  try {
    return await secret();
  } catch (error) {
    if (error instanceof ClassifiedError && error.effect === "none") throw error;
    const message = `The credentials could not be had: ${error instanceof Error ? error.message : String(error)}`;
    throw error instanceof NetworkError
      ? new NetworkError(message, { cause: error, effect: "none" })
      : new AuthError(message, { cause: error });
  }
}

/** An answer in which the secret does not occur, should the other side have repeated it. */
export function withoutSecret(answer: HttpAnswer, credentials: Credentials | null): HttpAnswer {
  if (credentials === null || credentials.secret === "") return answer;
  const { secret } = credentials;
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    typeof value === "string" ? value.replaceAll(secret, HIDDEN) : value,
  ]);
  return { ...answer, headers: Object.fromEntries(headers), body: hideIn(answer.body, secret) };
}

function hideIn(body: Buffer, secret: string): Buffer {
  if (!body.includes(secret)) return body;
  return Buffer.from(body.toString("latin1").replaceAll(Buffer.from(secret).toString("latin1"), HIDDEN), "latin1");
}
