/** The outside world of the tests of faults: a receiver in the test's own process that counts what it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const message = z.object({ order: z.string() });

export class OutsideWorld {
  /** The orders it was told of, in the order in which it was; twice told is twice there. */
  readonly told: string[] = [];
  /** How many requests have come to tell it something. */
  requests = 0;
  private readonly keys = new Set<string>();
  private readonly server = createServer((request, response) => {
    this.handle(request, response).catch(() => request.socket.destroy());
  });
  private arrived: (() => void) | null = null;
  private release: Promise<void> = Promise.resolve();

  get url(): string {
    // A server that listens on a port has an address with one.
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** Keeps the next request without an answer, once it has had its effect, until `answer` is called. */
  hold(): { arrived: Promise<void>; answer: () => void } {
    let answer = () => undefined as void;
    this.release = new Promise((resolve) => (answer = resolve));
    return { arrived: new Promise((resolve) => (this.arrived = resolve)), answer };
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number) => response.writeHead(status, { "content-type": "application/json" }).end("{}");
    if (request.method === "GET") {
      answer(this.keys.has((request.url ?? "").slice("/told/".length)) ? 200 : 404);
      return;
    }
    this.requests += 1;
    this.told.push(message.parse(JSON.parse(await readBody(request))).order);
    this.keys.add(String(request.headers["idempotency-key"]));
    const { release } = this;
    this.release = Promise.resolve();
    this.arrived?.();
    await release;
    answer(201);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  for await (const piece of request) body += String(piece);
  return body;
}
