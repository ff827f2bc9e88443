/** The `http` connector: requests with a definite outcome, or an honest "not known". */
import {
  defineConnector,
  mutation,
  read,
  type CallContext,
  type MutationOperation,
  type ReconcileAnswer,
} from "./define-connector.ts";
import {
  HttpClient,
  mutationParams,
  readParams,
  type HttpClientOptions,
  type HttpResult,
  type MutationParams,
} from "./http-client.ts";
import { z } from "zod";

export type { HttpResult } from "./http-client.ts";
export type { HttpAuth, Secret } from "./http-credentials.ts";

/** What was sent, as `reconcile` sees it. */
export interface HttpRequest extends MutationParams {
  method: string;
}

export interface HttpReconcileHelpers extends CallContext {
  /** Asks by GET and gives whatever is answered, whatever its status. Redirects are not followed. */
  get(url: string): Promise<HttpResult>;
}

export interface HttpOptions extends HttpClientOptions {
  /** The name under which the ledger knows it. Default `http`. */
  name?: string;
  /**
   * Where a mutation can be looked up by its idempotency key, for example `/notifications/{key}`: 2xx means that it
   * happened (the body is the result), 404 that it did not; anything else is asked again.
   */
  reconcileUrl?: string;
  /** Finds out what became of a mutation, where `reconcileUrl` is not enough. */
  reconcile?: (
    request: HttpRequest,
    idempotencyKey: string,
    helpers: HttpReconcileHelpers,
  ) => Promise<ReconcileAnswer<HttpResult>>;
  /** How long the other side may take to show an effect, in milliseconds. Default 0. */
  settleMs?: number;
  /** `required`: a person must approve each mutation. */
  approval?: "required";
  /** What is secret in the JSON that calls send and get, for example `["pin", "card.number"]`: stored, but never shown. */
  secrets?: readonly string[];
}

const requestParams = readParams.extend({ method: z.enum(["GET", "HEAD"]).default("GET") });

/** Makes an `http` connector. @throws TypeError for options that can't work, InvalidSecretError */
export function http(options: HttpOptions = {}) {
  const client = new HttpClient(options);
  const declared = options.secrets && { secrets: options.secrets };
  const terms = termsOf(options);
  const sends = (method: string) => {
    const reconcile = reconcileOf(options, client, method);
    return mutation({
      params: mutationParams,
      execute: (params, context) => client.mutate(method, params, context),
      describe: ({ title, url }) => title ?? `${method} ${client.describe(url)}`,
      ...(reconcile && { reconcile }),
      ...terms,
      ...declared,
    });
  };
  return defineConnector({
    name: options.name ?? "http",
    operations: {
      get: read({ params: readParams, execute: (params, context) => client.read("GET", params, context), ...declared }),
      request: read({
        params: requestParams,
        execute: ({ method, ...params }, context) => client.read(method, params, context),
        ...declared,
      }),
      post: sends("POST"),
      put: sends("PUT"),
      patch: sends("PATCH"),
      delete: sends("DELETE"),
    },
  });
}

function termsOf({ settleMs, approval }: HttpOptions): Pick<MutationOperation, "settleMs" | "approval"> {
  return { ...(settleMs !== undefined && { settleMs }), ...(approval && { approval }) };
}

type Reconcile = (params: MutationParams, key: string, context: CallContext) => Promise<ReconcileAnswer<HttpResult>>;

function reconcileOf({ reconcileUrl, reconcile }: HttpOptions, client: HttpClient, method: string): Reconcile | null {
  if (reconcile && reconcileUrl !== undefined) throw new TypeError("Give reconcile or reconcileUrl, not both.");
  if (reconcile) {
    return (params, key, context) =>
      reconcile({ method, ...params }, key, { ...context, get: (url) => client.ask(url, context) });
  }
  if (reconcileUrl === undefined) return null;
  if (!reconcileUrl.includes("{key}"))
    throw new TypeError(`reconcileUrl "${reconcileUrl}" has no {key}, where the idempotency key is to stand.`);
  return (_params, key, context) => client.reconcileAt(reconcileUrl, key, context);
}
