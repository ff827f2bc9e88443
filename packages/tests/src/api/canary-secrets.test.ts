/**
 * Secrets are planted wherever people put them. Afterwards they are looked for: in all that anybody is shown they must not
 * be at all; in the database only where the engine works with them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { jsonOf } from "../support/api-client.ts";
import type { ApiDocument } from "../support/api-document.ts";
import { sign, toSent } from "../support/api-examples.ts";
import { readRows } from "../support/api-rows.ts";
import { ApiStage, WEBHOOK_SECRET } from "../support/api-stage.ts";
import { CANARIES, EchoBank, KeptLog, secretEvent, vaultOptions } from "../support/api-vault.ts";

const bank = new EchoBank();
const log = new KeptLog();
let stage: ApiStage;
let api: ApiDocument;
/** What anybody was shown, by where. */
const shown: [place: string, text: string][] = [];
/** Credentials of people, which nobody is ever shown. */
let credentials: Record<string, string>;

const item = z.looseObject({ id: z.string() });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  stage.send({ method: "POST", path, body, headers });

beforeAll(async () => {
  await bank.open();
  stage = await ApiStage.open({ engine: vaultOptions(bank), logger: log.logger });
  api = await stage.document();
  const session = await stage.logIn();
  credentials = {
    ...stage.tokens,
    webhook: WEBHOOK_SECRET.slice("whsec_".length),
    cookie: session.Cookie.split("=")[1]!,
  };
  const following = followChanges();
  await plant();
  await stage.settle();
  await refuse();
  await look();
  shown.push(["the stream of changes", await following()]);
});
afterAll(async () => {
  await stage.close();
  await bank.close();
});

/** Puts every canary where it belongs. */
async function plant(): Promise<void> {
  for (const workflow of ["taken", "refused", "failing"]) {
    const event = secretEvent("1", workflow === "failing");
    const reply = await post(`/api/topics/${workflow}/login`, event, { "Idempotency-Key": "1" });
    shown.push([`publishing to ${workflow}`, reply.text]);
    await stage.settle();
  }
  const body = JSON.stringify(secretEvent("2"));
  const webhook = { method: "POST", path: "/api/webhooks/bank/taken/login", headers: sign("2", body), body };
  shown.push(["a webhook", (await stage.send(webhook, null)).text]);
  for (const fails of [false, true]) {
    const job = {
      type: "one_time",
      name: `job ${fails}`,
      handler: "work",
      maxRetries: 0,
      payload: { apiKey: CANARIES.jobPayload, fails },
      metadata: { token: CANARIES.jobMetadata },
    };
    shown.push(["a job", (await post("/api/jobs", job)).text]);
  }
  await stage.settle();
  for (const [action, part] of [
    ["skip-next", "reason"],
    ["pause", "note"],
    ["cancel", "reason"],
  ] as const) {
    const daily = await post("/api/jobs", {
      type: "cron",
      cron: "0 9 * * *",
      name: action,
      handler: "work",
      payload: { apiKey: "none", fails: false },
    });
    const path = `/api/jobs/${item.parse(jsonOf(daily)).id}/${action}`;
    const reply = await post(path, { [part]: `because password=${CANARIES.reason} is old` });
    expect([action, reply.status]).toEqual([action, 200]);
    shown.push([action, reply.text]);
  }
  const evidence = `the provider says, with Bearer ${CANARIES.evidence}, that all is well`;
  const retried = await post("/api/workflows/failing/retry", { evidence });
  shown.push(["evidence", retried.text]);
}

/** Is refused with secrets in what is wrong. */
async function refuse(): Promise<void> {
  const wrong = [
    post("/api/jobs", { type: "cron", password: CANARIES.problem, cron: `token=${CANARIES.problem}` }),
    post("/api/topics/taken/login", { password: { secret: CANARIES.problem } }, { "Idempotency-Key": "3" }),
    post("/api/topics/taken/login", `{"password": "${CANARIES.problem}"`, { "Idempotency-Key": "4" }),
    stage.get(`/api/jobs?token=${CANARIES.problem}`),
    stage.get(`/api/workflows/${encodeURIComponent(`Bearer ${CANARIES.problem}`)}`),
    stage.get("/api/session", CANARIES.problem),
    post("/api/session", { token: CANARIES.problem }),
  ];
  for (const { status, text } of await Promise.all(wrong)) {
    expect(status).toBeGreaterThanOrEqual(400);
    shown.push([`a refusal (${status})`, text]);
  }
}

/** Looks at all that a viewer can. */
async function look(): Promise<void> {
  const ids = await idsOfEverything();
  const looks = api.operations.filter(({ id, method }) => method === "GET" && id !== "streamChanges");
  for (const operation of looks) {
    const [name] = /\{(\w+)\}/.exec(operation.path)?.slice(1) ?? [];
    const others = { version: "1.0", producer: "none" };
    for (const value of name === undefined ? [""] : (ids[name] ?? [])) {
      const params = { ...others, ...(name !== undefined && { [name]: value }) };
      const query: Record<string, string> = operation.id === "planReplay" ? { from: "preparing" } : {};
      const { text } = await stage.send(toSent(operation, { params, query }), stage.tokens.viewer);
      shown.push([operation.id, text]);
    }
  }
}

async function idsOfEverything(): Promise<Record<string, string[]>> {
  const idsAt = async (path: string) =>
    z
      .array(item)
      .parse(await stage.list(path))
      .map(({ id }) => id);
  const jobs = await idsAt("/api/jobs");
  const executions = await Promise.all(jobs.map((job) => idsAt(`/api/jobs/${job}/executions`)));
  return {
    workflow: ["taken", "refused", "failing"],
    run: await idsAt("/api/runs"),
    input: await idsAt("/api/inputs"),
    output: await idsAt("/api/outputs"),
    event: await idsAt("/api/events"),
    job: jobs,
    execution: executions.flat(),
  };
}

/** Reads the stream of changes until it is asked what came. */
function followChanges(): () => Promise<string> {
  const controller = new AbortController();
  const headers = { Authorization: `Bearer ${stage.tokens.viewer}` };
  const reading = fetch(`${stage.url}/api/changes`, { headers, signal: controller.signal }).then(async ({ body }) => {
    let text = "";
    try {
      for await (const piece of body!) text += new TextDecoder().decode(piece);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
    return text;
  });
  return async () => {
    controller.abort();
    return reading;
  };
}

/** The names of those secrets that are in a text. */
function secretsIn(text: string): string[] {
  return Object.entries({ ...CANARIES, ...credentials })
    .filter(([, value]) => text.includes(value))
    .map(([name]) => name);
}

test("the world did what it was to do", async () => {
  const outputs = await stage.list("/api/outputs");
  expect(outputs.map(({ status }) => String(status)).toSorted()).toEqual(["applied", "applied", "failed"]);
  expect(shown.length).toBeGreaterThan(60);
  const stream = shown.find(([place]) => place === "the stream of changes");
  expect(stream?.[1]).toContain('"kind":"run"');
});

test("nobody is shown a secret: by no operation, no refusal, no metric, not in the stream of changes", () => {
  const told = shown.flatMap(([place, text]) => secretsIn(text).map((name) => `${place}: ${name}`));
  expect([...new Set(told)]).toEqual([]);
});

test("no secret is in the log of the host or of the engine", () => {
  expect(log.text).toContain("logging in");
  expect(secretsIn(log.text)).toEqual([]);
});

describe("in the database", () => {
  /** Where the engine works with a payload: it is published, prepared, sent (and, by this bank, repeated). */
  const ofPayloads = ["events.payload", "handler_runs.prepare_result", "mutations.params", "mutations.result"];
  const KEPT: Partial<Record<keyof typeof CANARIES, string[]>> = {
    payloadPassword: ofPayloads,
    payloadApiKey: ofPayloads,
    payloadAuthorization: ofPayloads,
    payloadToken: ofPayloads,
    urlPassword: ofPayloads,
    jobPayload: ["scheduled_jobs.payload"],
    jobMetadata: ["scheduled_jobs.metadata"],
    state: ["handler_runs.input_state", "handler_runs.output_state", "handler_state.state"],
  };

  test("a secret is only where the engine works with it", () => {
    const kept = new Map(Object.entries(KEPT));
    for (const [name, value] of Object.entries(CANARIES)) {
      expect([name, placesOf(value)]).toEqual([name, kept.get(name) ?? []]);
    }
  });

  test("a credential is nowhere, nor what was said or logged: in none of its bytes", () => {
    const files = readdirSync(stage.folder).filter((file) => file.startsWith("millrace.sqlite"));
    expect(files).toContain("millrace.sqlite-wal");
    const bytes = Buffer.concat(files.map((file) => readFileSync(join(stage.folder, file)))).toString("latin1");
    expect(secretsIn(bytes).filter((name) => !(name in KEPT))).toEqual([]);
  });
});

/** The columns in which a text is. */
function placesOf(text: string): string[] {
  const places = Object.entries(readRows(stage)).flatMap(([table, rows]) =>
    rows.flatMap((row) =>
      Object.entries(row as Record<string, unknown>)
        .filter(([, value]) => String(value).includes(text))
        .map(([column]) => `${table}.${column}`),
    ),
  );
  return [...new Set(places)].toSorted();
}
