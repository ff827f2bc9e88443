/**
 * The outside world of the crash command: a receiver in a process of its own that counts what it accepts, whatever the
 * key, and sometimes answers late, wrongly or not at all.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { SeededRandom } from "./seeded-random.ts";

const notification = z.object({ number: z.string() });

/** The moment of a request at which somebody may want to act. */
export type Moment = "before-accepting" | "after-accepting";

export interface CountingReceiver {
  readonly url: string;
  /** How often each invoice was accepted. */
  readonly accepted: ReadonlyMap<string, number>;
  /** Called at each moment of each request; gives whether the request is to be left without an answer. */
  onMoment: (moment: Moment) => boolean;
  /** Whether it behaves well from now on. */
  behave: boolean;
  close(): Promise<void>;
}

const MAX_DELAY_MS = 300;

export async function startCountingReceiver(random: SeededRandom): Promise<CountingReceiver> {
  const accepted = new Map<string, number>();
  const keys = new Map<string, string>();
  const receiver: Omit<CountingReceiver, "url" | "close"> = { accepted, onMoment: () => false, behave: false };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, , asked] = (request.url ?? "").split("/");
    if (request.method === "GET") {
      const found = keys.get(decodeURIComponent(asked ?? ""));
      return answer(response, found === undefined ? 404 : 200, { number: found ?? null });
    }
    const { number } = notification.parse(JSON.parse(await readBody(request)));
    if (receiver.onMoment("before-accepting")) return;
    const mood = receiver.behave ? 1 : random.next();
    if (mood < 0.08) return answer(response, 503, {});
    accepted.set(number, (accepted.get(number) ?? 0) + 1);
    keys.set(String(request.headers["idempotency-key"]), number);
    if (receiver.onMoment("after-accepting")) return;
    if (mood < 0.16) return void request.socket.destroy();
    if (mood < 0.24) return answer(response, 500, {});
    if (mood < 0.36) await new Promise((resolve) => setTimeout(resolve, random.between(0, MAX_DELAY_MS)));
    answer(response, 201, { number });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => answer(response, 400, { error: String(error) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return Object.assign(receiver, { url: `http://127.0.0.1:${port}`, close });
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  for await (const piece of request) body += String(piece);
  return body;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
