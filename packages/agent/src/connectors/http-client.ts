/** What the `http` connector does with its options: where a call goes, what goes with it, what its answer means. */
import { z } from "zod";
import { LogicError } from "../errors.ts";
import {
  applied,
  notApplied,
  retryLater,
  type CallContext,
  type MutationContext,
  type ReconcileAnswer,
} from "./define-connector.ts";
import { addressPolicy, type AddressOptions, type AddressPolicy } from "./http-address.ts";
import { decodeText } from "./http-body.ts";
import { credentialsOf, withoutSecret, type Credentials, type HttpAuth } from "./http-credentials.ts";
import { callHeaders, keptHeaders } from "./http-headers.ts";
import { checkStatus } from "./http-outcome.ts";
import { readFollowing, withoutQuery, withTimeout } from "./http-read.ts";
import { exchange, type HttpAnswer, type HttpExchange } from "./http-request.ts";

export interface HttpClientOptions extends AddressOptions {
  /** What relative URLs are relative to. */
  baseUrl?: string;
  /** Sent with every request to the base URL's host, or, without one, to the host that a call names. */
  headers?: Record<string, string>;
  /** Sent to the base URL's origin only; never shown or stored. */
  auth?: HttpAuth;
  /** A longer body is left out. Default 1 MiB. */
  maxResponseBytes?: number;
  /** How long a call may take, in milliseconds. Default 30 s. */
  timeoutMs?: number;
}

export const readParams = z.object({
  /** Absolute, or relative to the connector's base URL. */
  url: z.string(),
  headers: callHeaders.optional(),
});

export const mutationParams = readParams.extend({
  /** Sent as JSON. */
  json: z.json().optional(),
  /** Sent as it is. */
  body: z.string().optional(),
  /** What it does, in words. */
  title: z.string().optional(),
});

export type ReadParams = z.output<typeof readParams>;
export type MutationParams = z.output<typeof mutationParams>;

/** What an HTTP call gives. */
export interface HttpResult {
  status: number;
  /** Those that say what the answer is: its type and version, where a thing is, how to ask about it. */
  headers: Record<string, string>;
  /** Parsed if it was JSON, else text; null if it was left out. */
  body: z.output<ReturnType<typeof z.json>>;
  /** The body was longer than allowed and has been left out; the call itself went well. */
  truncated: boolean;
}

const DEFAULT_MAX_RESPONSE_BYTES = 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
const ALWAYS = { "user-agent": "millrace", "accept-encoding": "identity" };

export class HttpClient {
  private readonly options: HttpClientOptions;
  private readonly base: URL | null;
  private readonly addresses: AddressPolicy;

  /** @throws TypeError for options that can't work */
  constructor(options: HttpClientOptions) {
    this.options = options;
    this.base = options.baseUrl === undefined ? null : new URL(options.baseUrl);
    this.addresses = addressPolicy(options);
    if (options.auth && !this.base) throw new TypeError("auth needs a baseUrl: credentials go to its origin only.");
    if (this.base && hasUserInfo(this.base)) throw new TypeError("Give credentials as auth, not in the baseUrl.");
  }

  /** A URL without what may be secret in it. */
  describe(url: string): string {
    return withoutQuery(this.resolve(url));
  }

  async read(method: "GET" | "HEAD", params: ReadParams, context: CallContext): Promise<HttpResult> {
    const { request, credentials } = await this.prepare(method, params, null, {}, context);
    const { answer } = await readFollowing(request);
    return toResult(this.check(answer, credentials, `${method} ${this.describe(params.url)}`, context));
  }

  async mutate(method: string, params: MutationParams, context: MutationContext): Promise<HttpResult> {
    if (params.json !== undefined && params.body !== undefined) throw new LogicError("Give json or body, not both.");
    const body = params.json === undefined ? (params.body ?? null) : JSON.stringify(params.json);
    const defaults: Record<string, string> = params.json === undefined ? {} : { "content-type": "application/json" };
    const { request, credentials } = await this.prepare(method, params, body, defaults, context);
    const headers = { ...request.headers, "idempotency-key": context.idempotencyKey };
    const answer = await exchange({ ...request, headers });
    return toResult(this.check(answer, credentials, `${method} ${this.describe(params.url)}`, context));
  }

  /**
   * Asks without judging the answer. Redirects are not followed: what a login page says is no answer about anything.
   */
  async ask(url: string, context: CallContext): Promise<HttpResult> {
    const { request, credentials } = await this.prepare("GET", { url }, null, {}, context);
    return toResult(withoutSecret(await exchange(request), credentials));
  }

  async reconcileAt(template: string, key: string, context: CallContext): Promise<ReconcileAnswer<HttpResult>> {
    const url = template.replaceAll("{key}", encodeURIComponent(key));
    const answer = await this.ask(url, context);
    if (answer.status >= 200 && answer.status < 300) return applied(answer);
    if (answer.status === 404) return notApplied();
    return retryLater(`GET ${this.describe(url)} answered ${answer.status}`);
  }

  private async prepare(
    method: string,
    { url, headers = {} }: ReadParams,
    body: string | null,
    defaults: Record<string, string>,
    context: CallContext,
  ): Promise<{ request: HttpExchange; credentials: Credentials | null }> {
    const target = this.resolve(url);
    const { headers: configured = {}, auth, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    // Nothing of what the options say is sent goes to another origin than the base URL's.
    const own = this.base === null || target.origin === this.base.origin;
    const credentials = own && auth ? await credentialsOf(auth) : null;
    const request = {
      method,
      url: target,
      headers: {
        ...ALWAYS,
        ...(own && lowerCased(configured)),
        ...(credentials && { [credentials.header]: credentials.value }),
        ...defaults,
        ...lowerCased(headers),
        ...(body !== null && { "content-length": String(Buffer.byteLength(body)) }),
      },
      body,
      signal: withTimeout(context.signal, timeoutMs),
      maxResponseBytes: this.options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
      addresses: this.addresses,
    };
    return { request, credentials };
  }

  /** Some servers repeat what they were sent: in the text of a refusal, which goes into the error, or in a result. */
  private check(answer: HttpAnswer, credentials: Credentials | null, call: string, context: CallContext): HttpAnswer {
    const shown = withoutSecret(answer, credentials);
    checkStatus(shown, call, context.now());
    return shown;
  }

  /** @throws LogicError */
  private resolve(url: string): URL {
    const resolved = this.base ? URL.parse(url, this.base.href) : URL.parse(url);
    if (!resolved)
      throw new LogicError(
        `"${url}" is not a URL${this.base ? "" : "; give the connector a baseUrl to use relative ones"}.`,
      );
    if (hasUserInfo(resolved))
      throw new LogicError(`Give credentials to the connector as auth, not in the URL of ${resolved.host}.`);
    return resolved;
  }
}

function hasUserInfo({ username, password }: URL): boolean {
  return username !== "" || password !== "";
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function toResult({ status, headers, body, truncated }: HttpAnswer): HttpResult {
  const kept = keptHeaders(headers);
  if (truncated) return { status, headers: kept, body: null, truncated };
  const contentType = headers["content-type"] ?? "";
  const text = decodeText(body, contentType);
  if (!contentType.includes("json") || text === "") return { status, headers: kept, body: text, truncated };
  try {
    // JSON.parse can only give JSON values.
    return { status, headers: kept, body: JSON.parse(text) as HttpResult["body"], truncated };
  } catch {
    // The status has been seen; that the body is no JSON changes nothing about what happened.
    return { status, headers: kept, body: text, truncated };
  }
}
