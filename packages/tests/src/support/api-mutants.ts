/**
 * Requests that go wrong, made from one that does not: a part is replaced, left out, repeated or added. Whether the
 * document allows what comes out is judged by the document itself; what it does not allow has to be refused.
 */
import * as fc from "fast-check";
import { generate, type JsonSchema } from "json-schema-faker";
import type { Sent } from "./api-client.ts";
import type { ApiDocument, ApiOperation, ApiParameter, Schema } from "./api-document.ts";
import { toSent, type Example } from "./api-examples.ts";

export interface Mutant {
  what: string;
  sent: Sent;
  /** Whether the document does not allow it. */
  isRefused: boolean;
}

const HOSTILE_TEXTS = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "'; DROP TABLE scheduled_jobs; --",
  '" OR 1=1 --',
  "../../../../etc/passwd",
  "%00",
  "%",
  "*",
  "__proto__",
  "constructor",
  "<img src=x onerror=alert(1)>",
  "${7*7}{{7*7}}",
  "\r\nX-Injected: 1",
  "\u202egnp.exe",
  "null",
  "NaN",
  "-1",
  "1e400",
  "0x10",
  "99999999999999999999",
  "01890000-0000-7000-8000-000000000000",
  "01890000-0000-7000-8000-00000000000g",
  "1970-01-01T00:00:00Z",
  "x".repeat(5_000),
] as const;

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  // Strings of any 16-bit units have halves of surrogate pairs.
  fc.string({ unit: "binary", maxLength: 40 }),
);

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      -0.000_1,
      1e308,
      Number.MAX_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER + 1,
      8_640_000_000_000_001,
      [],
      {},
      [null],
      [[[[]]]],
      { a: { b: { c: {} } } },
      "x".repeat(100_000),
      nested(31),
      nested(40),
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Bodies that are no JSON, or none that anybody means. */
const RAW_BODIES = [
  "",
  " ",
  "{",
  "undefined",
  "[1,]",
  "'a'",
  "NaN",
  '{"a":1}{"b":2}',
  '\ufeff{"a":1}',
  "\u0000",
  "[".repeat(10_000),
  `{"a":${"9".repeat(400)}}`,
  "--x\r\n\r\n1\r\n--x--",
];

/** Whatever may be sent in place of a request. */
export function mutantsOf(api: ApiDocument, operation: ApiOperation, example: Example): fc.Arbitrary<Mutant> {
  const { parameters, body } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  return fc.oneof(
    fc.constantFrom("unknown", "Limit", "__proto__").map((name) => unknownKey(operation, example, name)),
    ...(inPath.length > 0 ? [pathMutant(api, operation, example, inPath)] : []),
    ...(inQuery.length > 0
      ? [queryMutant(api, operation, example, inQuery), repeatedKey(operation, example, inQuery)]
      : []),
    ...(body === null
      ? [fc.constantFrom("{}", "x").map((text) => mutant(operation, { ...example, body: text }, "a body", true))]
      : [
          { weight: 4, arbitrary: bodyMutant(api, operation, example, body) },
          fc
            .constantFrom(...RAW_BODIES)
            .map((text) => mutant(operation, { ...example, body: text }, "a raw body", !isJson(text))),
        ]),
  );
}

/** Bodies that the document allows, as json-schema-faker makes them of its schema. */
export async function generatedBodies(api: ApiDocument, body: Schema, count: number, seed: number): Promise<unknown[]> {
  const bodies: unknown[] = [];
  // Its own schemas are JSON Schema, as the document says.
  const schema = api.selfContained(body) as JsonSchema;
  for (let made = 0; made < count; made += 1) {
    bodies.push(
      await generate(schema, { seed: seed + made, optionalsProbability: 0.3, refDepthMax: 3, maxDefaultItems: 3 }),
    );
  }
  return bodies.filter((value) => api.judge(body)(value).length === 0);
}

const mutant = (operation: ApiOperation, example: Example, what: string, isRefused: boolean): Mutant => ({
  what,
  sent: toSent(operation, example),
  isRefused,
});

function unknownKey(operation: ApiOperation, example: Example, name: string): Mutant {
  const query = Object.fromEntries([...Object.entries(example.query ?? {}), [name, "1"]]);
  return mutant(operation, { ...example, query }, `an unknown key ${name}`, true);
}

function pathMutant(api: ApiDocument, operation: ApiOperation, example: Example, parameters: ApiParameter[]) {
  return fc.tuple(fc.constantFrom(...parameters), hostileText).map(([{ name, schema }, value]) => {
    const params = { ...example.params, [name]: value };
    return mutant(operation, { ...example, params }, `${name} in the address`, !allows(api, schema, value));
  });
}

function queryMutant(api: ApiDocument, operation: ApiOperation, example: Example, parameters: ApiParameter[]) {
  return fc.tuple(fc.constantFrom(...parameters), hostileText).map(([{ name, schema }, value]) => {
    const query = { ...example.query, [name]: value };
    return mutant(operation, { ...example, query }, `${name} in the query`, !allows(api, schema, value));
  });
}

function repeatedKey(operation: ApiOperation, example: Example, parameters: ApiParameter[]) {
  return fc.constantFrom(...parameters).map(({ name }) => {
    const { path, ...sent } = toSent(operation, { ...example, query: {} });
    return { what: `${name} twice`, sent: { ...sent, path: `${path}?${name}=1&${name}=2` }, isRefused: true };
  });
}

function bodyMutant(api: ApiDocument, operation: ApiOperation, example: Example, schema: Schema): fc.Arbitrary<Mutant> {
  const valid: unknown = typeof example.body === "string" ? JSON.parse(example.body) : example.body;
  const places = placesIn(valid);
  const change = fc.constantFrom("replace", "remove", "add");
  return fc.tuple(fc.constantFrom(...places), change, hostileValue).map(([place, how, value]) => {
    const body = changed(valid, place, how, value);
    const isRefused = JSON.stringify(body) === undefined || api.judge(schema)(body).length > 0;
    const what = `${how} at ${place.join(".") || "the top"}`;
    return mutant(operation, { ...example, body: JSON.stringify(body) ?? "" }, what, isRefused);
  });
}

/** Every place in a value, by its path; the empty path is the value itself. */
function placesIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, child]) => placesIn(child).map((place) => [key, ...place]))];
}

function changed(value: unknown, [key, ...rest]: readonly string[], how: string, by: unknown): unknown {
  if (key === undefined) {
    if (how === "add" && typeof value === "object" && value !== null && !Array.isArray(value))
      return { ...value, unknown: by };
    return how === "remove" ? undefined : by;
  }
  // A place was found in this very value.
  const copy = structuredClone(value) as Record<string, unknown>;
  const child = changed(copy[key], rest, how, by);
  if (child === undefined && !Array.isArray(copy)) delete copy[key];
  else copy[key] = child ?? null;
  return copy;
}

/** In an address everything is text; what is said to be a number has to look like one. */
function allows(api: ApiDocument, { pattern, ...schema }: Schema, value: string): boolean {
  const judge = api.judge(schema);
  if (schema["type"] === "integer") return /^\d+$/.test(value) && judge(Number(value)).length === 0;
  if (schema["type"] === "boolean") return value === "true" || value === "false";
  return api.judge({ ...schema, ...(pattern !== undefined && { pattern }) })(value).length === 0;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}
