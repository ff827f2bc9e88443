/** Every operation does what the published document says, whatever it is asked. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultsOf } from "../support/api-answers.ts";
import type { ApiDocument } from "../support/api-document.ts";
import { EXAMPLE_IDS, exampleOf, toSent } from "../support/api-examples.ts";
import { ApiStage } from "../support/api-stage.ts";
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
    const operation = api.operations.find((one) => one.id === id)!;
    const reply = await stage.send(toSent(operation, await exampleOf(operation, world, ids, stage)));
    expect({ status: reply.status, faults: faultsOf(api, operation, reply) }).toEqual({
      status: expect.toBeOneOf([200, 201]) as number,
      faults: [],
    });
    await stage.settle();
  });
});
