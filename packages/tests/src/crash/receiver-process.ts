/**
 * The outside world of the kill command, in a process of its own: accepts what is sent to it, and writes each acceptance
 * into a record that only grows. It sometimes answers late, wrongly or not at all, and kills a life that sends something
 * where it is told to. Arguments: the record's path and a seed. Orders come as lines of JSON on its standard input; it
 * ends when that does. Its first line of output is its address.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { receiverOrder, recordLine, type Trap } from "./receiver-record.ts";
import { SeededRandom } from "./seeded-random.ts";

/** How late something is accepted at the most, in milliseconds. */
const LATE_MS = 30;

const [recordPath = "", seed = "0"] = process.argv.slice(2);
const random = new SeededRandom(Number(seed));
const record = openSync(recordPath, "a");
/** What was accepted, by idempotency key. */
const accepted = new Map<string, { item: string; place: string }>();
const traps = new Map<string, Trap & { pid: number; life: string }>();
const wellBehaved = new Set<string>();
const liars = new Set<string>();

const effect = z.object({ item: z.string() });
const sender = z.object({
  "x-place": z.string(),
  "x-life": z.string(),
  "idempotency-key": z.string(),
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "", "http://receiver.example");
  const name = decodeURIComponent(url.pathname.split("/")[2] ?? "");
  if (request.method === "GET") return tell(url, name, request, response);
  const from = sender.parse(request.headers);
  const { item } = effect.parse(JSON.parse(await readBody(request)));
  const { "x-place": place, "x-life": life, "idempotency-key": key } = from;
  const trap = sprung(place, life);
  if (trap === "before-effect") process.kill(pidOf(place), "SIGKILL");
  if (trap === "before-effect-lost") return void process.kill(pidOf(place), "SIGKILL");
  const mood = wellBehaved.has(place) ? 1 : random.next();
  if (mood < 0.03) return answer(response, 503, {});
  if (mood < 0.05) return answer(response, 429, {});
  if (mood < 0.08) await new Promise((resolve) => setTimeout(resolve, random.between(1, LATE_MS)));
  writeSync(record, recordLine({ kind: name, place, life, item, key }));
  accepted.set(key, { item, place });
  if (trap === "after-effect") return void process.kill(pidOf(place), "SIGKILL");
  if (mood > 0.08 && mood < 0.11) return void request.socket.destroy();
  if (mood > 0.11 && mood < 0.14) return answer(response, 500, {});
  if (mood > 0.14 && mood < 0.15) return undefined;
  return answer(response, 201, { item });
}

/** Says whether something was accepted: a person always gets an answer, and a true one. */
function tell(url: URL, key: string, request: IncomingMessage, response: ServerResponse): void {
  const isPerson = url.searchParams.has("person");
  const mood = isPerson ? 1 : random.next();
  if (mood < 0.04) return void request.socket.destroy();
  if (mood < 0.1) return answer(response, 503, {});
  const found = accepted.get(key);
  const isDenied = found === undefined || (!isPerson && liars.has(found.place));
  answer(response, isDenied ? 404 : 200, isDenied ? {} : { item: found.item });
}

/** The trap of this life, if it is the request that springs it; a trap is sprung once. */
function sprung(place: string, life: string): Trap["moment"] | null {
  const trap = traps.get(place);
  if (trap?.life !== life) return null;
  trap.skip -= 1;
  return trap.skip === -1 ? trap.moment : null;
}

function pidOf(place: string): number {
  const pid = traps.get(place)?.pid;
  if (pid === undefined) throw new Error(`There is no trap in ${place}.`);
  return pid;
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

function obey(line: string): void {
  const order = receiverOrder.parse(JSON.parse(line));
  switch (order.order) {
    case "trap":
      traps.set(order.place, { ...order.trap, pid: order.pid, life: String(order.life) });
      return;
    case "behave":
      wellBehaved.add(order.place);
      return;
    case "lie":
      liars.add(order.place);
  }
}

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    // Who was killed in the middle of its request has sent no whole one.
    if (!response.destroyed) answer(response, 400, { error: String(error) });
  });
});
server.listen(0, "127.0.0.1", () => {
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
createInterface({ input: process.stdin })
  .on("line", obey)
  .once("close", () => {
    server.closeAllConnections();
    server.close();
    closeSync(record);
  });
