/** The HTTP server: bounds on what a client may take, and answers to what is no request. */
import { createServer, STATUS_CODES, type Server } from "node:http";
import { randomUUID } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { HostEnvironment } from "../request-environment.ts";
import { HostConfigurationError } from "../exposure.ts";
import { describeProblem, problemResponse, RefusedError } from "../problem.ts";
import { newNonce, securityHeaders } from "./security-headers.ts";

export interface ConnectionLimits {
  /** How long the headers of a request may take to arrive, in milliseconds. */
  headersMs: number;
  /** How long a whole request may take to arrive. */
  requestMs: number;
  /** How long a connection without a request is kept. */
  keepAliveMs: number;
  /** How long a connection may do nothing at all. */
  idleMs: number;
  /** How often the limits are looked at. */
  checkMs: number;
  /** How large the headers may be, in bytes. */
  headerBytes: number;
  connections: number;
}

export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 5_000,
  idleMs: 60_000,
  checkMs: 2_000,
  headerBytes: 16 * 1024,
  connections: 1_000,
};

/** @param fetch answers a request */
export function createHttpServer(
  fetch: Hono<HostEnvironment>["fetch"],
  limits: ConnectionLimits,
  isSecure: boolean,
): Server {
  const headers = () => securityHeaders({ nonce: newNonce(), isSecure });
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: false,
    // What is not even an address comes here.
    errorHandler: () => {
      const error = new RefusedError("malformed-request", "The request line or the Host header is malformed.");
      const response = problemResponse(error, randomUUID());
      response.headers.set("Cache-Control", "no-store");
      for (const [name, value] of Object.entries(headers())) response.headers.set(name, value);
      return response;
    },
  });
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytes,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.maxConnections = limits.connections;
  server.timeout = limits.idleMs;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    // After a response has begun there is no room for another one.
    if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) socket.destroy();
    else socket.end(answerClientError(error, headers()));
  });
  return server;
}

/** A response as it goes over the wire: there is nothing else here that could write one. */
function answerClientError({ code }: NodeJS.ErrnoException, headers: Record<string, string>): string {
  const error =
    code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? new RefusedError("request-timeout", "The request did not arrive in time.")
      : new RefusedError("malformed-request", "This is not an HTTP request, or its headers are too large.");
  const told = describeProblem(error, randomUUID());
  const body = JSON.stringify(told);
  const lines = Object.entries({
    ...headers,
    "Content-Type": "application/problem+json",
    "Content-Length": String(Buffer.byteLength(body)),
    "Cache-Control": "no-store",
    Connection: "close",
  }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${told.status} ${STATUS_CODES[told.status] ?? ""}`, ...lines, "", body].join("\r\n");
}

/** Begins to listen; gives the port. @throws HostConfigurationError when it can't */
export function listen(server: Server, port: number, hostname: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => reject(cannotListen(port, hostname, cause));
    server.once("error", refuse);
    server.listen(port, hostname, () => {
      server.off("error", refuse);
      // A server that listens on a port has an address of this kind.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function cannotListen(port: number, hostname: string, cause: NodeJS.ErrnoException): HostConfigurationError {
  const place = `port ${port} of ${hostname}`;
  const reason =
    cause.code === "EADDRINUSE"
      ? `Something else listens at ${place}. Name another port with --port, or end the other process.`
      : `The host can't listen at ${place} (${cause.code ?? cause.message}). Check the name and whether you may use the port.`;
  return new HostConfigurationError(reason, { cause });
}

/** Takes no more requests, lets those under way finish within a bound, then ends what is left. */
export function close(server: Server, boundMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), boundMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
