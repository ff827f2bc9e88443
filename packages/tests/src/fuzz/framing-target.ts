/** Requests whose very bytes are mutated on the wire: something is answered or the connection ends, and the host lives. */
import { connect } from "node:net";
import * as fc from "fast-check";
import { exampleOf, toSent } from "../support/api-examples.ts";
import { fuzz, type FuzzTarget, type Verdict } from "./fuzz-target.ts";
import { mutatedText } from "./hostile-values.ts";
import { assertSame, HttpStage } from "./http-stage.ts";

const PIECES = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  ":",
  " ",
  "\t",
  "\u0000",
  "HTTP/1.1",
  "HTTP/0.9",
  "HTTP/2.0",
  "GET ",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Content-Length: 0\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Content-Length: -1\r\n",
  "Expect: 100-continue\r\n",
  "Expect: nonsense\r\n",
  "Upgrade: h2c\r\nConnection: Upgrade\r\n",
  "Host: evil.example\r\n",
  `X: ${"x".repeat(20_000)}\r\n`,
  "X: y\r\n".repeat(2_100),
  "0\r\n\r\n",
  "ffffffff\r\n",
  "5;ext=1\r\nhello\r\n",
  "%00",
  "%",
  "//",
  "\u00ff",
];

/** So long a request that is not complete is waited for; then its sender has gone. */
const PATIENCE_MS = 150;
const LONGEST_MS = 15_000;

/** Sends bytes, then hangs up, and gives what was answered. @throws when the connection does not end */
function sendBytes(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let received = "";
    const hangUp = setTimeout(() => socket.end(), PATIENCE_MS);
    const tooLate = setTimeout(() => {
      socket.destroy();
      reject(new Error("The connection did not end."));
    }, LONGEST_MS);
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => (received += chunk));
    // Who is refused may be cut off.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(hangUp);
      clearTimeout(tooLate);
      resolve(received);
    });
  });
}

/** The statuses of the answers in what came back; something else than answers is a fault. */
function statusesOf(received: string): number[] {
  if (received !== "" && !/^HTTP\/1\.1 \d{3} /.test(received)) throw new Error(`It answered ${received.slice(0, 80)}`);
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
}

async function tryBytes(stage: HttpStage, bytes: Buffer): Promise<Verdict> {
  await stage.stage.settle();
  const before = stage.rows();
  const statuses = statusesOf(await sendBytes(stage.stage.port, bytes));
  const failed = statuses.filter((status) => status >= 500 && status !== 505);
  if (failed.length > 0) throw new Error(`It answered ${failed.join(", ")}.`);
  if (statuses.some((status) => status >= 200 && status < 300)) return "accepted";
  await stage.stage.settle();
  assertSame(before, stage.rows());
  await stage.assertLives();
  if (statuses.some((status) => [401, 429].includes(status))) await stage.stage.restartHost();
  return "refused";
}

export const framing: FuzzTarget = {
  name: "framing",
  async run(options) {
    const stage = await HttpStage.open();
    try {
      const requests: string[] = [];
      for (const id of ["publishEvent", "createJob", "listJobs", "showRun", "receiveWebhook"]) {
        const operation = stage.api.operation(id);
        const sent = toSent(operation, await exampleOf(operation, stage.world, stage.ids, stage.stage));
        for (const isChunked of [false, true]) requests.push(stage.written(sent, isChunked));
      }
      const bytes = fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...requests).chain((text) => mutatedText(text, PIECES)) },
        fc.uint8Array({ minLength: 1, maxLength: 200 }).map((raw) => Buffer.from(raw).toString("latin1")),
      );
      return await fuzz("framing", options, bytes, (text) => tryBytes(stage, Buffer.from(text, "latin1")));
    } finally {
      await stage.close();
    }
  },
};
