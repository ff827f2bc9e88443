/** Every operation does what the published document says, whatever it is asked. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultsOf } from "../support/api-answers.ts";
import { jsonOf, type Reply, type Sent } from "../support/api-client.ts";
import type { ApiDocument, ApiOperation } from "../support/api-document.ts";
import { EXAMPLE_IDS, exampleOf, toSent } from "../support/api-examples.ts";
import { generatedBodies, mutantsOf } from "../support/api-mutants.ts";
import { ApiStage, WEBHOOK_SECRET } from "../support/api-stage.ts";
import { ApiWorld, worldOptions, type Ids } from "../support/api-world.ts";

let stage: ApiStage;
let world: ApiWorld;
let ids: Ids;
let api: ApiDocument;

beforeAll(async () => {
  stage = await ApiStage.open({ engine: worldOptions() });
  world = new ApiWorld(stage);
  ids = await world.everything();
  api = await stage.document();
});
afterAll(() => stage.close());

test("there is an example for every operation", () => {
  expect(api.operations.map(({ id }) => id).toSorted()).toEqual(EXAMPLE_IDS.toSorted());
});

describe("what an operation is for", () => {
  test.each(EXAMPLE_IDS)("%s does, and gives what it says", async (id) => {
    const operation = api.operation(id);
    const reply = await ask(operation, toSent(operation, await exampleOf(operation, world, ids, stage)));
    expect(reply.status).toBeOneOf([200, 201]);
    await stage.settle();
  });
});

describe("whatever the document allows", () => {
  test.each(EXAMPLE_IDS)("%s takes, or says why it can't be done", async (id) => {
    const operation = api.operation(id);
    const example = await exampleOf(operation, world, ids, stage);
    const bodies = operation.body ? await generatedBodies(api, operation.body, 6, SEED) : [];
    for (const body of bodies) await ask(operation, toSent(operation, { ...example, body: JSON.stringify(body) }));
    await startAnew(id);
  });
});

describe("whatever the document does not allow", () => {
  test.each(EXAMPLE_IDS)("%s refuses, and says no more than it has to", async (id) => {
    const operation = api.operation(id);
    const example = await exampleOf(operation, world, ids, stage);
    const property = fc.asyncProperty(mutantsOf(api, operation, example), async ({ what, sent, isRefused }) => {
      const { status } = await ask(operation, sent);
      if (isRefused) expect([what, status]).toEqual([what, expect.toSatisfy((code: number) => code >= 400)]);
    });
    await fc.assert(property, { seed: SEED, numRuns: operation.parameters.length * 2 + (operation.body ? 20 : 6) });
    await startAnew(id);
  });
});

describe("an answer that is not as the document says is found out", () => {
  let operation: ApiOperation;
  let reply: Reply;
  beforeAll(async () => {
    operation = api.operation("showRun");
    reply = await stage.get(`/api/runs/${ids.run}`);
  });
  const faultsWith = (change: (body: Record<string, Record<string, unknown>>) => void, more: Partial<Reply> = {}) => {
    const body = jsonOf(reply) as Record<string, Record<string, unknown>>;
    change(body);
    return faultsOf(api, operation, { ...reply, text: JSON.stringify(body), ...more });
  };

  test("when it is as it came, nothing is wrong with it", () => {
    expect(faultsWith(() => undefined)).toEqual([]);
  });

  test("with a part more, at any depth", () => {
    expect(faultsWith((body) => (body["password"] = {}))).toHaveLength(1);
    expect(faultsWith((body) => (body["run"]!["digest"] = "x"))).toHaveLength(1);
    expect(faultsWith((body) => ((body["attempts"]![0] as Record<string, unknown>)["x"] = 1))).toHaveLength(1);
  });

  test("with a part less, or one of another type", () => {
    expect(faultsWith((body) => delete body["logs"])).toHaveLength(1);
    expect(faultsWith((body) => delete body["run"]!["phase"])).toHaveLength(1);
    expect(faultsWith((body) => (body["run"]!["startedAt"] = "today"))).toHaveLength(1);
    expect(faultsWith((body) => (body["run"]!["status"] = "fine"))).toHaveLength(1);
  });

  test("with a status or a media type that is not described, or one that nobody expects", () => {
    expect(faultsWith(() => undefined, { status: 418 })).toHaveLength(1);
    expect(faultsWith(() => undefined, { headers: { "content-type": "text/html" } })).toHaveLength(1);
    const problem = { type: "urn:x", title: "t", status: 500, detail: "d", instance: "urn:i" };
    const headers = { "content-type": "application/problem+json" };
    expect(faultsOf(api, operation, { status: 500, headers, text: JSON.stringify(problem) })).toEqual(["it failed"]);
  });

  test.each([
    ["a stack", "TypeError: x\n    at answer (file:///srv/host.ts:12:3)"],
    ["a path", `cannot open ${process.cwd()}/x`],
    ["SQL", "near select * from scheduled_jobs where id = 1: SQLITE_ERROR"],
  ])("with %s", (what, detail) => {
    const text = JSON.stringify({ type: "urn:x", title: "t", status: 404, detail, instance: "urn:i" });
    const headers = { "content-type": "application/problem+json" };
    const faults = faultsOf(api, operation, { status: 404, headers, text });
    expect(faults).toEqual([expect.stringContaining(`${what} is told`)]);
  });
});

const SEED = 20_260_101;

/** Sends a request, and looks whether the answer is as the document says and gives nothing away. */
async function ask(operation: ApiOperation, sent: Sent): Promise<Reply> {
  const reply = await stage.send(sent);
  const secrets = [...Object.values(stage.tokens), WEBHOOK_SECRET].filter((secret) => reply.text.includes(secret));
  expect([sent, [...faultsOf(api, operation, reply), ...secrets]]).toEqual([sent, []]);
  return reply;
}

/** Who guesses credentials has to wait, with all who come from the same address: those after them come to another host. */
async function startAnew(id: string): Promise<void> {
  if (["createSession", "receiveWebhook"].includes(id)) await stage.restartHost();
}
