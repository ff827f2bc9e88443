/** What a connector declares secret is sent and kept, and found nowhere that anybody looks. */
import { join } from "node:path";
import type { Mutation } from "@millrace/db";
import { runCommandLine } from "millrace";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { bearer } from "../support/api-client.ts";
import { ApiStage } from "../support/api-stage.ts";
import { KeptLog } from "../support/api-vault.ts";
import { ACCOUNTS, HOLDER, idle, nameOf, orderOf, payoutOptions, SECRETS } from "../support/payouts.ts";

const rows = z.array(z.looseObject({ id: z.string() }));

let stage: ApiStage;
/** What the engine and the host have logged. */
const log = new KeptLog();
/** Every event about an output, or for a person. */
const events: unknown[] = [];
/** What was streamed before anything happened: how a client comes back. */
let position: string;

beforeAll(async () => {
  stage = await ApiStage.open({ engine: payoutOptions(), logger: log.logger });
  stage.engine.on("mutation:changed", (mutation) => void events.push(mutation));
  stage.engine.on("notification:created", (notification) => void events.push(notification));
  position = /^id: (.*)$/m.exec((await stage.get("/api/changes")).text)?.[1] ?? "";
  for (const account of ACCOUNTS) {
    const path = `/api/topics/${nameOf(account)}/asked`;
    const headers = { "Idempotency-Key": account };
    const { status } = await stage.send({ method: "POST", path, headers, body: orderOf(account) });
    expect(status).toBe(201);
    await stage.settle();
  }
});
afterAll(() => stage.close());

/** The secrets that a text holds, however they are written in it. */
function secretsIn(text: string): string[] {
  const plain = text.replaceAll("\\", "");
  return Object.entries(SECRETS).flatMap(([name, secret]) =>
    [plain, text].some((one) => one.includes(secret) || one.includes(encodeURIComponent(secret))) ? [name] : [],
  );
}

const outputs = async (): Promise<Mutation[]> => stage.stores.mutations.list();

test("the ledger keeps what a call needs, and every kind of outcome has come about", async () => {
  const ledger = await outputs();
  expect(ledger.map(({ status }) => status).toSorted()).toEqual(
    ["applied", "applied", "failed", "indeterminate", "indeterminate", "pending"].toSorted(),
  );
  for (const { params } of ledger) expect(params).toMatchObject({ pin: SECRETS.pin, card: { number: SECRETS.card } });
});

test("what is written about a call holds no secret: titles, errors, messages and logs", async () => {
  const { stores } = stage;
  const runs = await stores.handlerRuns.list();
  const texts = [
    (await outputs()).map(({ title, error }) => [title, error]),
    runs.map(({ error }) => error),
    await stores.notifications.listOpen(),
    await stores.runLogs.list(),
    (await stores.workflows.list()).map(({ error }) => error),
  ];
  expect(secretsIn(JSON.stringify(texts))).toEqual([]);
  expect(JSON.stringify(texts)).toContain(HOLDER);
  expect(runs.filter(({ error }) => error?.includes("[redacted]")).length).toBeGreaterThanOrEqual(4);
});

test("the process's log and the events for listeners hold none", () => {
  expect(secretsIn(log.text)).toEqual([]);
  for (const word of ["looked: [redacted]", "paying", "run failed", HOLDER]) expect(log.text).toContain(word);
  expect(secretsIn(JSON.stringify(events))).toEqual([]);
  expect(events.length).toBeGreaterThan(ACCOUNTS.length);
});

describe("the HTTP API", () => {
  const LISTS = ["workflows", "inputs", "outputs", "runs", "events", "attention", "audit"];

  test.each(LISTS)("shows none in %s, nor in any of them", async (list) => {
    const items = await stage.list(`/api/${list}`);
    const shown = [JSON.stringify(items)];
    for (const { id, name } of items) {
      if (list === "attention" || list === "audit") break;
      const path = `/api/${list}/${String(list === "workflows" ? name : id)}`;
      const { status, text } = await stage.get(path);
      expect(status).toBe(200);
      shown.push(text);
      if (list === "runs") shown.push((await stage.get(`${path}/logs`)).text);
    }
    expect(secretsIn(shown.join("\n"))).toEqual([]);
  });

  test("shows what is not declared beside it", async () => {
    const [output] = await stage.list("/api/outputs?status=applied");
    const { text } = await stage.get(`/api/outputs/${String(output?.["id"])}`);
    expect(JSON.parse(text)).toMatchObject({
      output: {
        params: { pin: "[redacted]", card: { number: "[redacted]", holder: HOLDER } },
        result: { receipt: { code: "[redacted]", holder: HOLDER } },
      },
    });
  });

  test("plans a replay without one", async () => {
    const [run] = await stage.list(`/api/runs?workflow=${nameOf("fine")}&status=committed`);
    const { status, text } = await stage.get(`/api/runs/${String(run?.["id"])}/replay?from=preparing`);
    expect(status).toBe(200);
    expect(secretsIn(text)).toEqual([]);
  });

  test("streams none", async () => {
    const controller = new AbortController();
    const headers = { ...bearer(stage.tokens.operator), "Last-Event-ID": position };
    const { body } = await fetch(`${stage.url}/api/changes`, { headers, signal: controller.signal });
    let text = "";
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.split('"kind":"output"').length > 4) break;
    }
    controller.abort();
    expect(secretsIn(text)).toEqual([]);
  });

  test("gives and audits none when a person says what a call gave", async () => {
    const [unclear] = await stage.list(`/api/outputs?workflow=${nameOf("unclear")}`);
    const body = {
      resolution: "happened",
      evidence: `${SECRETS.pin} is on the statement`,
      result: { receipt: { code: SECRETS.code } },
    };
    const path = `/api/outputs/${String(unclear?.["id"])}/resolution`;
    const { status, text } = await stage.send({ method: "POST", path, body });
    expect(status).toBe(200);
    expect(secretsIn(text)).toEqual([]);
    await stage.settle();
    const audit = JSON.stringify((await stage.list("/api/audit")).map((entry) => entry["details"]));
    expect(audit).toContain('"code":"[redacted]"');
    expect((await outputs()).find(({ id }) => id === unclear?.["id"])?.result).toEqual(body.result);
  });
});

describe("the command line, which has no code of the workflows", () => {
  async function run(...words: string[]): Promise<string> {
    let text = "";
    let errors = "";
    const stdout = { write: (part: string) => void (text += part) };
    const stderr = { write: (part: string) => void (errors += part) };
    const env = { MILLRACE_DATABASE: `sqlite:${join(stage.folder, "millrace.sqlite")}`, NO_COLOR: "1" };
    await runCommandLine(words, { stdout, stderr, env });
    expect(errors).toBe("");
    return text;
  }

  test.each(["outputs", "runs", "events", "inputs", "needs-attention", "logs", "audit", "status"])(
    "%s prints none, as text and as JSON",
    async (command) => {
      const printed = [await run(command), await run(command, "--json")];
      expect(printed).not.toContain("");
      expect(secretsIn(printed.join("\n"))).toEqual([]);
    },
  );

  test("shows what is not declared beside it", async () => {
    expect(await run("needs-attention")).toContain(`"card":{"number":"[redacted]","holder":"${HOLDER}"}`);
    const shown = rows.parse(JSON.parse(await run("outputs", "--json")));
    expect(shown).toContainEqual(expect.objectContaining({ params: expect.objectContaining({ pin: "[redacted]" }) }));
  });

  test("approves, and resolves with a result, without printing one", async () => {
    const idOf = async (account: string) => {
      const { id } = (await stage.stores.workflows.findByName(nameOf(account))) ?? {};
      return (await outputs()).find(({ workflowId }) => workflowId === id)?.id ?? "";
    };
    const result = JSON.stringify({ receipt: { code: SECRETS.code } });
    const printed = [
      await run("approve", await idOf("asked for"), "--json"),
      await run("resolve", await idOf("broken"), "happened", "--result", result, "--json"),
      await run("audit", "--json"),
    ].join("\n");
    expect(secretsIn(printed)).toEqual([]);
    expect(printed.split('"code": "[redacted]"').length).toBeGreaterThanOrEqual(3);
  });
});

test("what a version without the connector no longer does stays hidden", async () => {
  const [past] = await stage.list(`/api/outputs?workflow=${nameOf("fine")}`);
  await stage.engine.deploy(idle(nameOf("fine")));
  const { text } = await stage.get(`/api/outputs/${String(past?.["id"])}`);
  expect(text).toContain(HOLDER);
  expect(secretsIn(text)).toEqual([]);
});
