import { CorruptRowError, type JsonValue, type WorkflowId } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineConnector, mutation } from "../connectors/define-connector.ts";
import { ConfigCache } from "./config-cache.ts";
import { defineWorkflow } from "./define-workflow.ts";
import {
  deriveHandlerConfig,
  describeScript,
  hasHandlerOf,
  keepFormerSecrets,
  parseDeclaredSecrets,
  parseHandlerConfig,
} from "./handler-config.ts";

const item = z.object({ n: z.number() });

function shop(options: { interval?: string; major?: number; sleepy?: boolean } = {}) {
  const { interval = "5m", major = 1, sleepy = false } = options;
  return defineWorkflow({
    name: "shop",
    major,
    topics: { found: item, done: item },
    producers: (producer) => ({
      poll: producer({ publishes: ["found"], schedule: { interval }, handler: async () => undefined }),
      report: producer({
        publishes: [],
        schedule: { cron: "0 9 * * 1-5", timezone: "Europe/Berlin" },
        handler: async () => undefined,
      }),
      byHand: producer({ publishes: [], handler: async () => undefined }),
    }),
    consumers: (consumer) => ({
      act: consumer({
        subscribe: ["found"],
        publishes: ["done"],
        approval: "required",
        prepare: sleepy ? async () => ({ data: null, wakeAt: undefined }) : async () => ({ data: null }),
        mutate: async () => null,
      }),
    }),
  });
}

// The store gives the id.
const storedAs = (handlerConfig: JsonValue) => ({ id: "w" as WorkflowId, handlerConfig });

test("the configuration is all that is known without the code, and survives being stored", () => {
  const config = deriveHandlerConfig(shop());
  const dst = { gap: "shift", overlap: "first" };
  expect(config).toEqual({
    topics: ["found", "done"],
    producers: {
      poll: { publishes: ["found"], schedule: { type: "interval", value: "5m", timezone: "UTC", dst } },
      report: { publishes: [], schedule: { type: "cron", value: "0 9 * * 1-5", timezone: "Europe/Berlin", dst } },
      byHand: { publishes: [], schedule: null },
    },
    consumers: { act: { subscribe: ["found"], publishes: ["done"], mutates: true, approval: true } },
  });
  expect(parseHandlerConfig(storedAs(JSON.parse(JSON.stringify(config)) as JsonValue))).toEqual(config);
});

test("a configuration that was stored before there was a policy for changes of the clocks has the default", () => {
  const schedule = { type: "cron", value: "0 9 * * *", timezone: "UTC" };
  const stored = { topics: [], producers: { report: { publishes: [], schedule } }, consumers: {} };
  expect(parseHandlerConfig(storedAs(stored)).producers["report"]?.schedule).toEqual({
    ...schedule,
    dst: { gap: "shift", overlap: "first" },
  });
});

describe("what connectors declare secret", () => {
  const bank = (secrets?: readonly string[]) => {
    const operation = mutation({ params: item, execute: async () => null });
    const transfer = secrets ? { ...operation, secrets } : operation;
    return { ...shop(), connectors: { bank: defineConnector({ name: "bank", operations: { transfer } }) } };
  };
  const secrets = { bank: { transfer: ["pin", "card.number"] } };

  test("is part of the configuration and survives being stored", () => {
    const config = deriveHandlerConfig(bank(["pin", "card.number"]));
    expect(config.secrets).toEqual(secrets);
    expect(parseHandlerConfig(storedAs(JSON.parse(JSON.stringify(config)) as JsonValue))).toEqual(config);
  });

  test("is left out where it is nothing, so that a version stays the same", () => {
    expect(deriveHandlerConfig(bank())).toEqual(deriveHandlerConfig(shop()));
    expect(Object.keys(deriveHandlerConfig(bank()))).not.toContain("secrets");
    expect(describeScript(bank()).digest).toBe(describeScript(shop()).digest);
    expect(describeScript(bank(["pin"])).digest).not.toBe(describeScript(shop()).digest);
  });

  test("is kept of calls that a new version does not make any more, and of no others", () => {
    const former = { ...deriveHandlerConfig(shop()), secrets };
    expect(keepFormerSecrets(deriveHandlerConfig(shop()), storedAs(former), shop()).secrets).toEqual(secrets);
    expect(keepFormerSecrets(deriveHandlerConfig(bank()), storedAs(former), bank()).secrets).toBeUndefined();
    const renamed = bank(["iban"]);
    const mail = { secrets: { mail: { send: ["text"] } } };
    const both = keepFormerSecrets(deriveHandlerConfig(renamed), storedAs(mail), renamed);
    expect(both.secrets).toEqual({ bank: { transfer: ["iban"] }, mail: { send: ["text"] } });
  });

  test("is read whatever became of the rest, and a stored one of another shape is named", () => {
    expect(parseDeclaredSecrets(storedAs({ secrets }))).toEqual(secrets);
    expect(parseDeclaredSecrets(storedAs({}))).toBeUndefined();
    expect(() => parseDeclaredSecrets(storedAs({ secrets: ["pin"] }))).toThrow(CorruptRowError);
    expect(() => parseDeclaredSecrets(storedAs(null))).toThrow("The column handler_config of workflows row w");
  });
});

test("a stored configuration of another shape is named with its row and the place in it", () => {
  expect(() => parseHandlerConfig(storedAs({ topics: "all" }))).toThrow("topics");
  expect(() => parseHandlerConfig(storedAs(null))).toThrow(CorruptRowError);
});

test("a handler is known by its kind and its name", () => {
  const config = deriveHandlerConfig(shop());
  expect(hasHandlerOf(config, { handlerType: "producer", handlerName: "poll" })).toBe(true);
  expect(hasHandlerOf(config, { handlerType: "consumer", handlerName: "poll" })).toBe(false);
  expect(hasHandlerOf(config, { handlerType: "consumer", handlerName: "toString" })).toBe(false);
});

test("the same code has the same digest; another schedule, another handler or another major has not", () => {
  const digest = describeScript(shop()).digest;
  expect(describeScript(shop()).digest).toBe(digest);
  const others = [shop({ interval: "6m" }), shop({ sleepy: true }), shop({ major: 2 })].map(
    (workflow) => describeScript(workflow).digest,
  );
  expect(new Set([digest, ...others]).size).toBe(4);
});

test("a configuration is parsed once for each version of it", () => {
  const cache = new ConfigCache();
  let parsed = 0;
  const stored = {
    get topics() {
      parsed += 1;
      return ["found"];
    },
    producers: {},
    consumers: {},
  };
  // The store gives the id, and a getter stands for the parsed JSON here.
  const workflow = { id: "w" as WorkflowId, name: "shop", configVersion: 1, handlerConfig: stored as JsonValue };
  const first = cache.get(workflow);
  const reads = parsed;
  expect(cache.get(workflow)).toBe(first);
  expect(parsed).toBe(reads);
  const second = cache.get({
    ...workflow,
    configVersion: 2,
    handlerConfig: { topics: [], producers: {}, consumers: {} },
  });
  expect(second.topics).toEqual([]);
  cache.invalidate(workflow.id);
  expect(cache.get(workflow)).not.toBe(first);
});
