/** Restate: handlers with three durable steps, one of them an outside call; the server is another process. */
import { once } from "node:events";
import { createServer } from "node:http2";
import { Agent, request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import * as restate from "@restatedev/restate-sdk";
import { z } from "zod";
import { assertDone, readOptions, report } from "../../src/peers/contestant.ts";
import { byCallers, PAYLOAD, probeIdle, rateOf, spreadOf } from "../../src/peers/timing.ts";

const { address, units, concurrency, measure } = readOptions({
  units: z.number(),
  concurrency: z.number(),
  measure: z.enum(["runs", "latency"]),
});
const [ingress = "", admin = ""] = address.split(" ");

let calls = 0;
let onStart: () => void = () => undefined;
let onCall: () => void = () => undefined;
const steps = restate.service({
  name: "steps",
  handlers: {
    run: async (context: restate.Context, _payload: typeof PAYLOAD) => {
      onStart();
      await context.run("prepare", async () => ({ ready: true }));
      await context.run("call", async () => {
        calls += 1;
        onCall();
        return { called: true };
      });
      await context.run("record", async () => ({ recorded: true }));
      return "done";
    },
  },
});

/** Serves the handlers on loopback and tells the server where. */
async function serve(): Promise<void> {
  const server = createServer(restate.createEndpointHandler({ services: [steps] })).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const response = await fetch(`${admin}/deployments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
  });
  if (!response.ok) throw new Error(`The server refused the handlers: ${await response.text()}`);
}

const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
const body = JSON.stringify(PAYLOAD);

/** Resolves with the result of the handler, which is durable then. */
async function invoke(): Promise<void> {
  const headers = { "content-type": "application/json" };
  const sent = request(`${ingress}/steps/run`, { method: "POST", agent, headers }).end(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.once("response", resolve).once("error", reject),
  );
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`The server answered ${response.statusCode}: ${answer}`);
  done += 1;
}

let done = 0;

async function measureRuns(): Promise<number> {
  const warmUp = Math.ceil(units / 2);
  await byCallers(concurrency, warmUp, invoke);
  const perSecond = await rateOf(units, () => byCallers(concurrency, units, invoke));
  assertDone(calls, warmUp + units, "calls were made");
  assertDone(done, warmUp + units, "handlers answered");
  return perSecond;
}

/** From the request to the first line of the handler, and to its outside call, when nothing else is to be done. */
async function measureLatency() {
  const starts: number[] = [];
  const latencies = await probeIdle(units, async (_index, reached) => {
    const sent = performance.now();
    onStart = () => void starts.push(performance.now() - sent);
    onCall = reached;
    await invoke();
  });
  const { p50Ms: startP50Ms, p99Ms: startP99Ms } = spreadOf(starts.slice(-units));
  return { ...spreadOf(latencies), startP50Ms, startP99Ms };
}

await serve();
await report(measure === "runs" ? { units, perSecond: await measureRuns() } : { units, ...(await measureLatency()) });
