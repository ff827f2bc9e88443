/** The `http` connector: requests with a definite outcome, or an honest "not known". */
import { z } from "zod";
import { LogicError } from "../errors.ts";
import {
  applied,
  defineConnector,
  mutation,
  notApplied,
  read,
  retryLater,
  type CallContext,
  type MutationContext,
  type ReconcileAnswer,
} from "./define-connector.ts";
import { checkStatus } from "./http-outcome.ts";
import { exchange, type HttpAnswer } from "./http-request.ts";

export interface HttpOptions {
  /** The name under which the ledger knows it. Default `http`. */
  name?: string;
  /** What relative URLs are relative to. */
  baseUrl?: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Gives the Authorization header; it is never shown or stored. */
  authorization?: () => string | Promise<string>;
  /** Allow loopback, private and link-local addresses. Default false. */
  allowPrivateAddresses?: boolean;
  /** Hosts that are allowed wherever they are. */
  allowHosts?: readonly string[];
  /** Default 1 MiB. */
  maxResponseBytes?: number;
  /**
   * Where a mutation can be looked up by its idempotency key, for example `/notifications/{key}`: 2xx means that it
   * happened (the body is the result), 404 that it did not; anything else is asked again.
   */
  reconcileUrl?: string;
  /** How long the other side may take to show an effect, in milliseconds. Default 0. */
  settleMs?: number;
  /** `required`: a person must approve each mutation. */
  approval?: "required";
}

const readParams = z.object({ url: z.string(), headers: z.record(z.string(), z.string()).optional() });

const mutationParams = readParams.extend({
  /** Sent as JSON. */
  json: z.json().optional(),
  /** Sent as it is. */
  body: z.string().optional(),
  /** What it does, in words. */
  title: z.string().optional(),
});

type MutationParams = z.output<typeof mutationParams>;

/** What an HTTP call gives. */
export interface HttpResult {
  status: number;
  /** Parsed if it was JSON, else text; null if it was left out. */
  body: z.output<ReturnType<typeof z.json>>;
  /** The body was longer than allowed and has been left out; the call itself went well. */
  truncated: boolean;
}

const MAX_REDIRECTS = 5;
const DEFAULT_MAX_RESPONSE_BYTES = 1024 * 1024;

/** Makes an `http` connector. */
export function http(options: HttpOptions = {}) {
  const client = new HttpClient(options);
  const sends = (method: string) =>
    mutation({
      params: mutationParams,
      execute: (params, context) => client.mutate(method, params, context),
      describe: ({ title, url }) => title ?? `${method} ${client.describe(url)}`,
      ...(options.reconcileUrl !== undefined && {
        reconcile: (_params: MutationParams, key: string, context: CallContext) => client.reconcile(key, context),
      }),
      ...(options.settleMs !== undefined && { settleMs: options.settleMs }),
      ...(options.approval && { approval: options.approval }),
    });
  return defineConnector({
    name: options.name ?? "http",
    operations: {
      get: read({ params: readParams, execute: ({ url, headers = {} }, context) => client.get(url, headers, context) }),
      post: sends("POST"),
      put: sends("PUT"),
      patch: sends("PATCH"),
      delete: sends("DELETE"),
    },
  });
}

class HttpClient {
  private readonly options: HttpOptions;

  constructor(options: HttpOptions) {
    this.options = options;
  }

  /** A URL without what may be secret in it. */
  describe(url: string): string {
    const { origin, pathname } = this.resolve(url);
    return `${origin}${pathname}`;
  }

  async get(url: string, headers: Record<string, string>, context: CallContext): Promise<HttpResult> {
    let target = this.resolve(url);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const answer = await this.send("GET", target, headers, null, context);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || location === undefined) {
        checkStatus(answer, `GET ${this.describe(target.href)}`, context.now());
        return toResult(answer);
      }
      target = new URL(location, target);
    }
    throw new LogicError(`GET ${this.describe(url)} was redirected more than ${MAX_REDIRECTS} times.`);
  }

  async mutate(method: string, params: MutationParams, context: MutationContext): Promise<HttpResult> {
    const target = this.resolve(params.url);
    if (params.json !== undefined && params.body !== undefined) throw new LogicError("Give json or body, not both.");
    const body = params.json === undefined ? (params.body ?? null) : JSON.stringify(params.json);
    const headers = {
      ...(params.json !== undefined && { "content-type": "application/json" }),
      ...params.headers,
      "idempotency-key": context.idempotencyKey,
    };
    const answer = await this.send(method, target, headers, body, context);
    checkStatus(answer, `${method} ${this.describe(params.url)}`, context.now());
    return toResult(answer);
  }

  async reconcile(key: string, context: CallContext): Promise<ReconcileAnswer<HttpResult>> {
    const url = (this.options.reconcileUrl ?? "").replace("{key}", encodeURIComponent(key));
    const answer = await this.send("GET", this.resolve(url), {}, null, context);
    if (answer.status >= 200 && answer.status < 300) return applied(toResult(answer));
    if (answer.status === 404) return notApplied();
    return retryLater(`GET ${this.describe(url)} answered ${answer.status}`);
  }

  private async send(
    method: string,
    url: URL,
    headers: Record<string, string>,
    body: string | null,
    context: CallContext,
  ): Promise<HttpAnswer> {
    const {
      allowPrivateAddresses = false,
      allowHosts = [],
      maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES,
    } = this.options;
    const own = url.origin === this.resolve("").origin || this.options.baseUrl === undefined;
    const authorization = own ? await this.options.authorization?.() : undefined;
    return exchange({
      method,
      url,
      headers: {
        "user-agent": "millrace",
        ...this.options.headers,
        ...headers,
        ...(authorization !== undefined && { authorization }),
        ...(body !== null && { "content-length": String(Buffer.byteLength(body)) }),
      },
      body,
      signal: context.signal,
      maxResponseBytes,
      addresses: { allowPrivateAddresses, allowHosts: new Set(allowHosts) },
    });
  }

  /** @throws LogicError */
  private resolve(url: string): URL {
    const resolved = URL.parse(url, this.options.baseUrl ?? "http://invalid.invalid");
    if (!resolved || (resolved.hostname === "invalid.invalid" && url !== "")) {
      throw new LogicError(
        `"${url}" is not a URL${this.options.baseUrl === undefined ? "; give the connector a baseUrl to use relative ones" : ""}.`,
      );
    }
    return resolved;
  }
}

function toResult({ status, headers, body, truncated }: HttpAnswer): HttpResult {
  if (truncated) return { status, body: null, truncated };
  const text = body.toString("utf8");
  if (!(headers["content-type"] ?? "").includes("json") || text === "") return { status, body: text, truncated };
  try {
    // JSON.parse can only give JSON values.
    return { status, body: JSON.parse(text) as HttpResult["body"], truncated };
  } catch {
    // The status has been seen; that the body is no JSON changes nothing about what happened.
    return { status, body: text, truncated };
  }
}
