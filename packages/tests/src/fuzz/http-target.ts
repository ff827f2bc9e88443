/** Requests for every operation of the contract, in which the body, the address or a header is not what it should be. */
import * as fc from "fast-check";
import type { ApiOperation } from "../support/api-document.ts";
import { EXAMPLE_IDS, exampleOf, toSent, type Example } from "../support/api-examples.ts";
import { mutantsOf } from "../support/api-mutants.ts";
import { addUp, fuzz, split, type FuzzOptions, type FuzzTarget, type Tally, type Verdict } from "./fuzz-target.ts";
import { mutatedText } from "./hostile-values.ts";
import { HttpStage } from "./http-stage.ts";

const PIECES = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\u0000",
  "\\ud800",
  "1e999",
  "9".repeat(400),
  "-0",
  '"__proto__":{"a":1},',
  '"constructor":{"prototype":{"a":1}},',
  "[".repeat(200),
  '{"a":'.repeat(40),
  "null",
  "\ufeff",
  "x".repeat(30_000),
];
const TYPES = [
  "application/json; charset=utf-8",
  "application/json;charset=utf-16",
  "application/json, text/plain",
  "APPLICATION/JSON",
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json; charset=utf-8; charset=utf-16",
  "",
  "*/*",
  "application/json\t",
];
/** Of printable ASCII, which is what a client lets anybody put into a header. */
const headerText = fc.string({ maxLength: 60 });

interface Twist {
  what: string;
  example: Example;
  mustRefuse: boolean;
}

/** The example with a body of other bytes, or with headers that say something else of it. */
function twistsOf(operation: ApiOperation, example: Example): fc.Arbitrary<Twist> {
  const text = typeof example.body === "string" ? example.body : JSON.stringify(example.body ?? {});
  const withBody = (what: string) => (body: string | Uint8Array) => ({
    what,
    example: { ...example, body },
    mustRefuse: operation.body === null ? body.length > 0 : !isJson(body),
  });
  const withHeaders = (what: string) => (headers: Record<string, string>) => ({
    what,
    example: { ...example, headers: { ...example.headers, ...headers } },
    mustRefuse: false,
  });
  return fc.oneof(
    fc.nat({ max: Math.max(0, text.length - 1) }).map((end) => withBody("cut off")(text.slice(0, end))),
    mutatedText(text, PIECES).map(withBody("mutated")),
    fc
      .tuple(fc.nat({ max: text.length }), fc.uint8Array({ minLength: 1, maxLength: 4 }))
      .map(([at, raw]) => withBody("other bytes")(insert(Buffer.from(text), at, raw))),
    fc.uint8Array({ maxLength: 60 }).map(withBody("noise")),
    fc
      .constantFrom("utf16le", "latin1")
      .map((encoding) => withBody(encoding)(Buffer.from(`${text}"ä`, encoding as BufferEncoding))),
    fc.constantFrom(...TYPES).map((type) => withHeaders("a type")({ "Content-Type": type })),
    fc
      .constantFrom("gzip", "br", "identity", "x")
      .map((coding) => withHeaders("a coding")({ "Content-Encoding": coding })),
    fc
      .tuple(
        fc.constantFrom(
          "Authorization",
          "Cookie",
          "Origin",
          "Accept",
          "If-None-Match",
          "Last-Event-ID",
          "Range",
          "X-CSRF-Token",
          "Sec-Fetch-Site",
          "Idempotency-Key",
          "ce-id",
          "Host",
        ),
        headerText,
      )
      .map(([name, value]) => withHeaders(name)({ [name]: value })),
  );
}

const insert = (bytes: Buffer, at: number, raw: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, at), raw, bytes.subarray(at)]);

function isJson(body: string | Uint8Array): boolean {
  try {
    JSON.parse(
      typeof body === "string" ? body.replace(/^\ufeff/, "") : new TextDecoder("utf-8", { fatal: true }).decode(body),
    );
    return true;
  } catch {
    return false;
  }
}

async function fuzzOperation(stage: HttpStage, id: string, options: FuzzOptions): Promise<Tally> {
  const operation = stage.api.operation(id);
  // A credential, and what is deleted, are good for one request.
  const example = await exampleOf(operation, stage.world, stage.ids, stage.stage);
  const tryTwist = ({ example: twisted, mustRefuse }: Twist): Promise<Verdict> =>
    stage.ask(operation, toSent(operation, twisted), mustRefuse);
  const half = split(options, 2);
  const tally = addUp([
    await fuzz("http", half, twistsOf(operation, example), tryTwist),
    await fuzz("http", half, mutantsOf(stage.api, operation, example), ({ sent, isRefused }) =>
      stage.ask(operation, sent, isRefused),
    ),
  ]);
  await stage.assertLives();
  return tally;
}

export const http: FuzzTarget = {
  name: "http",
  async run(options) {
    const stage = await HttpStage.open();
    try {
      const share = split(options, EXAMPLE_IDS.length);
      const tallies: Tally[] = [];
      for (const id of EXAMPLE_IDS) tallies.push(await fuzzOperation(stage, id, share));
      return addUp(tallies);
    } finally {
      await stage.close();
    }
  },
};
