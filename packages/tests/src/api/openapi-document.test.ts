/** The published document of the API, judged by a validator that we did not write. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiDocument, ApiOperation, Schema } from "../support/api-document.ts";
import { ApiStage } from "../support/api-stage.ts";

let stage: ApiStage;
let api: ApiDocument;

beforeAll(async () => {
  stage = await ApiStage.open();
  api = await stage.document();
});
afterAll(() => stage.close());

test("the document is a valid OpenAPI 3.1 document", async () => {
  const validator = new Validator();
  const copy = structuredClone(api.document);
  expect(await validator.validate(copy)).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("the validator finds a document wrong that is", async () => {
  const broken = structuredClone(api.document);
  Object.assign(broken, { info: {} });
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test("every operation has a name of its own", () => {
  const ids = api.operations.map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(60);
  expect(new Set(ids).size).toBe(ids.length);
});

test("every operation says what credential it takes, unless anybody may do it", () => {
  const isPublic = ({ access }: ApiOperation) => access === "public";
  expect(
    api.operations
      .filter(isPublic)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(["createSession", "receiveWebhook", "showLiveness", "showReadiness"]);
  for (const operation of api.operations) {
    const session = operation.method === "GET" ? { session: [] } : { session: [], csrfToken: [] };
    const expected = isPublic(operation) ? [] : [{ accessToken: [] }, session];
    expect([operation.id, operation.security]).toEqual([operation.id, expected]);
  }
});

test("every operation says what it answers when it refuses, and what it gives", () => {
  for (const { id, access, body, responses } of api.operations) {
    const successes = Object.keys(responses).filter((status) => status.startsWith("2"));
    expect([id, successes.length > 0]).toEqual([id, true]);
    const needed = [
      "400",
      "403",
      "404",
      "500",
      ...(access === "public" ? [] : ["401", "429"]),
      ...(body ? ["413", "415", "422"] : []),
    ];
    expect([id, needed.filter((status) => responses[status] === undefined)]).toEqual([id, []]);
    const others = Object.entries(responses).filter(([status]) => !status.startsWith("2"));
    for (const [status, types] of others) {
      expect([id, status, types]).toEqual([
        id,
        status,
        { "application/problem+json": { $ref: "#/components/schemas/Problem" } },
      ]);
    }
  }
});

test("no two addresses can mean the same, but for a name in place of a parameter", () => {
  const paths = [...new Set(api.operations.map(({ path }) => path))];
  const shapes = paths.map((path) => path.replaceAll(/\{\w+\}/g, "{}"));
  expect(new Set(shapes).size).toBe(paths.length);
});

test("every parameter of an address is described, and none that is not in it", () => {
  for (const { id, path, parameters } of api.operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = parameters.filter((parameter) => parameter.in === "path");
    expect([id, described.map(({ name }) => name)]).toEqual([id, inPath]);
    expect(described.every(({ required }) => required)).toBe(true);
  }
});

test("an object takes and gives the parts that it names and no other, unless it is meant to be open", () => {
  const inJob = "/paths/~1api~1jobs/post/requestBody/content/application~1json/schema/oneOf";
  const body = (path: string) => `/paths/${path}/requestBody/content/application~1json/schema`;
  const open = [...openObjects(api.document, "")].filter((path) => !ANY_JSON.test(path));
  expect(open.toSorted()).toEqual([
    // Numbers by the status of a job.
    "/components/schemas/JobMetrics/properties/jobs",
    ...[0, 1, 2, 3].map((type) => `${inJob}/${type}/properties/metadata`),
    // These are parsed by the scheduler, which names what it does not know.
    `${body("~1api~1jobs~1preview/post")}/properties/job`,
    body("~1api~1jobs~1{job}/patch"),
    "/paths/~1api~1openapi.json/get/responses/200/content/application~1json/schema",
  ]);
});

/** Any JSON value, as a request and as a response. */
const ANY_JSON = /^\/components\/schemas\/(Json\w*|__schema\d+)\/anyOf\/5$/;

/** The places of objects that may have parts which are not named. */
function* openObjects(value: unknown, path: string): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  // What is neither null nor anything simple has keys.
  const schema = value as Schema;
  const isOpen = schema["type"] === "object" && schema["additionalProperties"] !== false && !("oneOf" in schema);
  if (isOpen) yield path;
  for (const [key, child] of Object.entries(schema)) yield* openObjects(child, `${path}/${key.replaceAll("/", "~1")}`);
}
