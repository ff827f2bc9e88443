/**
 * A small receiver of notifications on loopback: the outside world of this example. It keeps what it was told, synced,
 * before it answers, so that what it counts survives its own end. With an Idempotency-Key it does a thing once.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { z } from "zod";

const stored = z.object({ key: z.string(), body: z.json() });
/** One notification that was received. */
export type Notification = z.output<typeof stored>;

/** How a request is treated: well; no answer after it was accepted; an error before or after it was accepted. */
export type Treatment = "ok" | "drop-after-accepting" | "fail-before-accepting" | "fail-after-accepting";

export interface ReceiverOptions {
  /** Where notifications are kept, one JSON document a line. */
  file: string;
  /** Default: any free port. */
  port?: number;
  /** How the next request is treated. Default: well. */
  treat?: () => Treatment;
}

export interface Receiver {
  readonly url: string;
  /** What was received, each key once. */
  readonly notifications: readonly Notification[];
  /** How often a key came again. */
  readonly repeats: () => number;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;

/** Starts a receiver on 127.0.0.1. */
export async function startReceiver({ file, port = 0, treat = () => "ok" }: ReceiverOptions): Promise<Receiver> {
  mkdirSync(dirname(file), { recursive: true });
  const notifications = existsSync(file) ? readStored(file) : [];
  const output = openSync(file, "a");
  let repeats = 0;
  const accept = (notification: Notification) => {
    if (notifications.some(({ key }) => key === notification.key)) {
      repeats += 1;
      return;
    }
    writeSync(output, `${JSON.stringify(notification)}\n`);
    fsyncSync(output);
    notifications.push(notification);
  };
  const server = createServer((request, response) => {
    handle(request, response, { notifications, accept, treat }).catch((error: unknown) => {
      answer(response, 400, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    notifications,
    repeats: () => repeats,
    async close() {
      await closeServer(server);
      closeSync(output);
    },
  };
}

interface Inside {
  notifications: readonly Notification[];
  accept: (notification: Notification) => void;
  treat: () => Treatment;
}

async function handle(request: IncomingMessage, response: ServerResponse, inside: Inside): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const [, collection, asked] = pathname.split("/");
  if (collection !== "notifications") return answer(response, 404, { error: "not found" });
  if (request.method === "GET" && asked !== undefined) {
    const found = inside.notifications.find(({ key }) => key === decodeURIComponent(asked));
    return found ? answer(response, 200, found) : answer(response, 404, { error: "not found" });
  }
  if (request.method !== "POST") return answer(response, 405, { error: "POST or GET" });
  const notification = stored.parse({
    key: request.headers["idempotency-key"],
    body: JSON.parse(await readBody(request)),
  });
  const treatment = inside.treat();
  if (treatment === "fail-before-accepting") return answer(response, 503, { error: "busy" });
  inside.accept(notification);
  if (treatment === "drop-after-accepting") return void request.socket.destroy();
  return treatment === "ok"
    ? answer(response, 201, { received: notification.key })
    : answer(response, 500, { error: "broken" });
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  for await (const piece of request) {
    body += String(piece);
    if (body.length > MAX_BODY_BYTES) throw new RangeError("the body is too large");
  }
  return body;
}

function readStored(file: string): Notification[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => stored.parse(JSON.parse(line)));
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
