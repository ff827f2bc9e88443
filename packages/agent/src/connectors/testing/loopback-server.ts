/** A real HTTP server on loopback whose answers a test decides. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ClassifiedError } from "../../errors.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export class LoopbackServer {
  /** Replaced by each test. */
  handler: Handler = (_request, response) => response.end();
  /** What was asked for. */
  readonly requests: IncomingMessage[] = [];
  url = "";
  private readonly server = createServer((request, response) => {
    this.requests.push(request);
    let body = "";
    request.on("data", (piece) => (body += String(piece)));
    request.on("end", () => this.handler(request, response, body));
  });

  static async start(): Promise<LoopbackServer> {
    const started = new LoopbackServer();
    await new Promise<void>((resolve) => started.server.listen(0, "127.0.0.1", resolve));
    // It listens on a port, so its address is no path.
    started.url = `http://127.0.0.1:${(started.server.address() as AddressInfo).port}`;
    return started;
  }

  answerWith(status: number, headers: Record<string, string> = {}, body: string | Buffer = "said so"): void {
    this.handler = (_request, response) => response.writeHead(status, headers).end(body);
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function callContext(signal: AbortSignal = new AbortController().signal) {
  return { signal, now: () => Date.parse("2026-01-01T00:00:00Z"), idempotencyKey: "key-1" };
}

/** The classified error that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<ClassifiedError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof ClassifiedError) return error;
  throw new Error(`not a classified error: ${String(error)}`, { cause: error });
}
