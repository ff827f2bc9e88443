/**
 * One HTTP exchange: on a connection of its own, without retries, bounded in time and size. What goes wrong is
 * classified here, where it arises: before the connection stood nothing was sent; afterwards nobody knows.
 */
import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { ClassifiedError, LogicError, NetworkError } from "../errors.ts";
import { checkHost, guardedLookup, type AddressPolicy } from "./http-address.ts";
import { unpack } from "./http-body.ts";

export interface HttpExchange {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | null;
  signal: AbortSignal;
  maxResponseBytes: number;
  addresses: AddressPolicy;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body was longer than allowed, or could not be unpacked, and has been left out. */
  truncated: boolean;
}

/** @throws NetworkError, PermissionError, LogicError */
export async function exchange(options: HttpExchange): Promise<HttpAnswer> {
  const { url, body, addresses } = options;
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new LogicError(`${url.protocol} is not http: or https:.`);
  checkHost(url.hostname, addresses);
  return new Promise((resolve, reject) => {
    let connected = false;
    let answered = false;
    const fail = (error: Error) => reject(classify(error, url, connected));
    const request = prepare(options);
    request.on("response", (response) => {
      answered = true;
      readAnswer(response, options.maxResponseBytes).then(resolve, fail);
    });
    request.on("socket", (socket) => {
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
        connected = true;
      });
    });
    request.on("error", fail);
    // A server that switches protocols gives neither an answer nor an error.
    request.on("close", () => {
      if (!answered) fail(new Error("it was closed without an answer"));
    });
    request.end(body ?? undefined);
  });
}

/** @throws LogicError for what can't be sent at all */
function prepare({ method, url, headers, signal, addresses }: HttpExchange): ClientRequest {
  const make = url.protocol === "https:" ? httpsRequest : httpRequest;
  try {
    // A connection of its own: a kept one may be gone, and then nobody can say what was sent on it.
    return make(url, { method, headers, signal, agent: false, lookup: guardedLookup(addresses) });
  } catch (error) {
    throw new LogicError(`${method} ${url.origin} can't be sent: ${messageOf(error)}`, { cause: error });
  }
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = response;
  const withoutBody = { status, headers, body: Buffer.alloc(0), truncated: true };
  try {
    const packed = await readBytes(response, maxBytes);
    const body = packed && (await unpack(packed, headers["content-encoding"], maxBytes));
    return body ? { status, headers, body, truncated: false } : withoutBody;
  } catch (error) {
    // A refusal is one however little of its explanation arrived; a 2xx that breaks off may not have been carried out.
    if (status >= 300) return withoutBody;
    throw error;
  }
}

/** Null when there is more than allowed. */
async function readBytes(response: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    // Without an encoding set, a response gives buffers.
    const piece = chunk as Buffer;
    size += piece.length;
    if (size > maxBytes) {
      response.destroy();
      return null;
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

function classify(error: Error, url: URL, connected: boolean): ClassifiedError {
  if (error instanceof ClassifiedError) return error;
  const where = `${url.protocol}//${url.host}`;
  const reason = reasonOf(error);
  if (!connected) {
    return new NetworkError(`${where} could not be reached: ${reason}`, { cause: error, effect: "none" });
  }
  return new NetworkError(`The exchange with ${where} broke off: ${reason}`, { cause: error });
}

function reasonOf(error: Error): string {
  // When all addresses of a name fail, the message is empty and the reasons are inside.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  if (error.name === "AbortError" && error.cause instanceof Error) return error.cause.message;
  return error.message;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
