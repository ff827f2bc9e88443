/**
 * One HTTP exchange: on a connection of its own, without retries, bounded in time and size. What goes wrong is
 * classified here, where it arises: before the connection stood nothing was sent; afterwards nobody knows.
 */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { ClassifiedError, LogicError, NetworkError } from "../errors.ts";
import { checkHost, guardedLookup, type AddressPolicy } from "./http-address.ts";

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
  /** The body was longer than allowed and has been left out. */
  truncated: boolean;
}

/** @throws NetworkError, PermissionError, LogicError */
export async function exchange(options: HttpExchange): Promise<HttpAnswer> {
  const { method, url, headers, body, signal, addresses } = options;
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new LogicError(`${url.protocol} is not http: or https:.`);
  checkHost(url.hostname, addresses);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  // A connection of its own: a kept one may be gone, and then nobody can say what was sent on it.
  const settings: RequestOptions = { method, headers, signal, agent: false, lookup: guardedLookup(addresses) };
  return new Promise((resolve, reject) => {
    let connected = false;
    const fail = (error: Error) => reject(classify(error, url, connected));
    const request = send(url, settings, (response) => {
      readAnswer(response, options.maxResponseBytes).then(resolve, fail);
    });
    request.on("socket", (socket) => {
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
        connected = true;
      });
    });
    request.on("error", fail);
    request.end(body ?? undefined);
  });
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const { statusCode = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    // Without an encoding set, a response gives buffers.
    const piece = chunk as Buffer;
    size += piece.length;
    if (size > maxBytes) {
      response.destroy();
      return { status: statusCode, headers, body: Buffer.alloc(0), truncated: true };
    }
    chunks.push(piece);
  }
  return { status: statusCode, headers, body: Buffer.concat(chunks), truncated: false };
}

function classify(error: Error, url: URL, connected: boolean): ClassifiedError {
  if (error instanceof ClassifiedError) return error;
  const where = `${url.protocol}//${url.host}`;
  if (!connected) {
    return new NetworkError(`${where} could not be reached: ${error.message}`, { cause: error, effect: "none" });
  }
  return new NetworkError(`The exchange with ${where} broke off: ${error.message}`, { cause: error });
}
