/** Whom each operation lets in: what is not expected here is refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { faultsOf } from "../support/api-answers.ts";
import { bearer, jsonOf, type Reply } from "../support/api-client.ts";
import type { ApiDocument, ApiOperation } from "../support/api-document.ts";
import { EXAMPLE_IDS, exampleOf, toSent } from "../support/api-examples.ts";
import { readRows } from "../support/api-rows.ts";
import { ApiStage } from "../support/api-stage.ts";
import { ApiWorld, worldOptions, type Ids } from "../support/api-world.ts";

type Access = ApiOperation["access"];

const TABLE: Record<Access, string> = {
  public: "createSession receiveWebhook showLiveness showReadiness",
  publisher: "publishEvent",
  viewer: `countAttention endSession listAttention listAudit listDeadLetters listEventHandlers listEvents listExecutionLogs
    listExecutions listInputs listJobDecisions listJobHandlers listJobVersions listJobs listOutputs listProducerDecisions
    listRunLogs listRuns listTopics listWorkflowVersions listWorkflows planReplay previewJob showApiDocument showEvent
    showExecution showHealth showInput showJob showJobMetrics showMetrics showOutput showOverview showRun showSession
    showWorkflow showWorkflowVersion streamChanges`,
  operator: `actOnJobs approveOutput backfillJob cancelExecution cancelJob createJob deleteJob dismissNotification editJob
    pauseJob pauseWorkflow redrive replayRun resolveOutput resolveOutputs resumeJob resumeWorkflow retryExecution
    retryWorkflow runJob runWorkflow setEventHandler skipInput skipNextRun triggerEvent`,
};
const namesOf = (access: Access) => TABLE[access].split(/\s+/);
const ROLES = { viewer: ["viewer"], publisher: ["publisher"], operator: ["viewer", "publisher", "operator"] };

/** What a request is sent with, and the status of the refusal that is expected; null where it is let in. */
interface Credential {
  name: string;
  headers: (stage: ApiStage, session: Record<string, string>) => Record<string, string>;
  refusal: (operation: ApiOperation) => number | null;
}

const nobody = ({ access }: ApiOperation) => (access === "public" ? null : 401);
const as = (role: keyof typeof ROLES) => (operation: ApiOperation) =>
  operation.access === "public" || ROLES[role].includes(operation.access) ? null : 403;
const onlyLooks = (operation: ApiOperation) =>
  operation.access === "public" || operation.method === "GET" ? null : 403;
const everywhere = (status: number) => () => status;
const without = (headers: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

const CREDENTIALS: readonly Credential[] = [
  { name: "nothing", headers: () => ({}), refusal: nobody },
  { name: "a token that nobody has", headers: () => bearer("x".repeat(43)), refusal: nobody },
  {
    name: "a token without its scheme",
    headers: ({ tokens }) => ({ Authorization: tokens.operator }),
    refusal: nobody,
  },
  { name: "an expired token", headers: ({ tokens }) => bearer(tokens.expired), refusal: nobody },
  { name: "a revoked token", headers: ({ tokens }) => bearer(tokens.revoked), refusal: nobody },
  {
    name: "a token in the address",
    headers: ({ tokens }) => ({ "X-Original-URL": `/?token=${tokens.operator}` }),
    refusal: nobody,
  },
  { name: "a publisher's token", headers: ({ tokens }) => bearer(tokens.publisher), refusal: as("publisher") },
  { name: "a viewer's token", headers: ({ tokens }) => bearer(tokens.viewer), refusal: as("viewer") },
  { name: "an operator's token", headers: ({ tokens }) => bearer(tokens.operator), refusal: as("operator") },
  { name: "the host's own token", headers: ({ tokens }) => bearer(tokens.host), refusal: as("operator") },
  {
    name: "an operator's token, from a page of another origin",
    headers: ({ tokens }) => ({ ...bearer(tokens.operator), Origin: "https://evil.example" }),
    refusal: everywhere(403),
  },
  {
    name: "an operator's token, to a host of another name",
    headers: ({ tokens, port }) => ({ ...bearer(tokens.operator), Host: `evil.example:${port}` }),
    refusal: everywhere(421),
  },
  { name: "a session", headers: (_stage, session) => session, refusal: as("operator") },
  {
    name: "a session without its CSRF token",
    headers: (_stage, session) => without(session, "X-CSRF-Token"),
    refusal: onlyLooks,
  },
  {
    name: "a session with a wrong CSRF token",
    headers: (_stage, session) => ({ ...session, "X-CSRF-Token": "x".repeat(43) }),
    refusal: onlyLooks,
  },
  {
    name: "a session, from a page that nobody knows",
    headers: (_stage, session) => without(session, "Origin"),
    refusal: onlyLooks,
  },
  {
    name: "a session, from a page of another origin",
    headers: (_stage, session) => ({ ...session, Origin: "https://evil.example" }),
    refusal: everywhere(403),
  },
  {
    name: "a session, to a host of another name",
    headers: (_stage, session) => ({ ...session, Host: "evil.example" }),
    refusal: everywhere(421),
  },
];

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

test("every operation is in the table, with whom it lets in", () => {
  const accesses: Access[] = ["public", "publisher", "viewer", "operator"];
  for (const access of accesses) {
    const found = api.operations.filter((operation) => operation.access === access).map(({ id }) => id);
    expect([access, found.toSorted()]).toEqual([access, namesOf(access).toSorted()]);
  }
});

describe("by every credential", () => {
  test.each(EXAMPLE_IDS)("%s lets in whom it is for, and nobody else", async (id) => {
    // Who guesses has to wait, with all who come from there: each operation is guessed at on a host of its own.
    await stage.restartHost();
    const operation = api.operation(id);
    const session = await stage.logIn();
    const good = toSent(operation, await exampleOf(operation, world, ids, stage));
    await stage.settle();
    // Nobody gets further with this than to be let in.
    const harmless = { ...good, path: `${good.path}${good.path.includes("?") ? "&" : "?"}unknown=1` };
    const rows = readRows(stage);
    for (const { name, headers, refusal } of CREDENTIALS) {
      const expected = refusal(operation);
      const sent = expected === null ? harmless : good;
      const reply = await stage.send({ ...sent, headers: { ...sent.headers, ...headers(stage, session) } }, null);
      expect([name, reply.status, faultsOf(api, operation, reply)]).toEqual([name, expected ?? 400, []]);
    }
    expect(readRows(stage)).toEqual(rows);
  });
});

describe("an operator of another tenant", () => {
  const APART = new Set(["publishEvent", "showMetrics", "createJob"]);
  const asStranger = async (id: string): Promise<Reply> => {
    const operation = api.operation(id);
    const sent = toSent(operation, await exampleOf(operation, world, ids, stage));
    await stage.settle();
    const before = readRows(stage, { without: stage.strangers });
    const reply = await stage.send(sent, stage.tokens.stranger);
    await stage.settle();
    expect(faultsOf(api, operation, reply)).toEqual([]);
    expect(readRows(stage, { without: stage.strangers })).toEqual(before);
    return reply;
  };
  const isAbout = (id: string) => /\{(?!event\}$)/.test(api.operation(id).path);
  const guarded = EXAMPLE_IDS.filter((id) => !namesOf("public").includes(id) && !APART.has(id));

  test.each(guarded)("does nothing with %s to what is not theirs, and sees nothing of it", async (id) => {
    const reply = await asStranger(id);
    if (isAbout(id) || id === "redrive" || id === "showEvent") expect([id, reply.status]).toEqual([id, 404]);
    const told = [...Object.values(ids), '"shop'].filter((name) => reply.text.includes(name));
    // The document, and what code there is, are not a tenant's.
    if (id !== "showApiDocument" && reply.status < 400) expect([id, told]).toEqual([id, []]);
    if ("items" in z.looseObject({}).parse(id === "streamChanges" ? {} : jsonOf(reply))) {
      expect(jsonOf(reply)).toMatchObject({ items: [] });
    }
  });

  test("publishes nothing, and sees no metrics", async () => {
    expect((await asStranger("publishEvent")).status).toBe(404);
    expect((await asStranger("showMetrics")).status).toBe(403);
  });

  test("is told that there is nothing, until they make something of their own", async () => {
    const all = z.record(z.string(), z.unknown());
    const told = async (id: string) => all.parse(jsonOf(await asStranger(id)));
    const jobs = async () => z.record(z.string(), z.number()).parse((await told("showJobMetrics"))["jobs"]);
    expect(await told("countAttention")).toEqual({ total: 0, kinds: [], outages: [] });
    expect(await told("showOverview")).toMatchObject({
      attention: { total: 0 },
      workflows: { total: 0 },
      outputs: { unknown: 0, awaitingApproval: 0, failed: 0 },
      upcoming: [],
    });
    expect(await told("resolveOutputs")).toMatchObject({ matched: 0, resolved: 0 });
    expect(new Set(Object.values(await jobs()))).toEqual(new Set([0]));
    const body = { type: "cron", cron: "0 9 * * *", name: "theirs", handler: "work" };
    const made = await stage.send({ method: "POST", path: "/api/jobs", body }, stage.tokens.stranger);
    expect(made.status).toBe(201);
    expect(await jobs()).toMatchObject({ pending: 1 });
    expect((await stage.list("/api/jobs")).filter(({ name }) => name === "theirs")).toEqual([]);
  });
});
