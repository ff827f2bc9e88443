/** A host on a free port of loopback, with an engine on a database file, and one credential of every kind. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineOptions } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase } from "@millrace/agent/testing";
import { createStores, type AccessRole, type PlatformId, type SqliteDatabase, type Stores } from "@millrace/db";
import { createHost, type HostOptions, type WebHost } from "millrace";
import { z } from "zod";
import { bearer, jsonOf, send, type Reply, type Sent } from "./api-client.ts";
import { readDocument, type ApiDocument } from "./api-document.ts";

type Logger = NonNullable<HostOptions["logger"]>;

export interface ApiStageOptions {
  engine?: Omit<EngineOptions, "database" | "clock">;
  host?: Partial<HostOptions>;
  /** Of both the engine and the host. */
  logger?: Logger;
}

/** The tokens of those who may, and of those who may not. */
export interface Tokens {
  /** The host's own. */
  host: string;
  operator: string;
  viewer: string;
  publisher: string;
  /** An operator of another tenant. */
  stranger: string;
  expired: string;
  revoked: string;
}

export const WEBHOOK_SECRET = `whsec_${randomBytes(32).toString("base64")}`;
export const WEBHOOK_SOURCE = "bank";

export class ApiStage {
  readonly clock: FakeClock;
  readonly folder: string;
  readonly engine: Engine;
  readonly database: SqliteDatabase;
  readonly stores: Stores;
  readonly tokens: Tokens;
  readonly strangers: PlatformId;
  readonly settle: () => Promise<void>;
  host: WebHost;
  port = 0;
  url = "";
  private readonly options: ApiStageOptions;
  private readonly closeEngine: () => Promise<void>;
  private published: ApiDocument | null = null;

  private constructor(
    made: Pick<ApiStage, "clock" | "folder" | "engine" | "database" | "tokens" | "strangers" | "settle">,
    options: ApiStageOptions,
    closeEngine: () => Promise<void>,
  ) {
    this.clock = made.clock;
    this.folder = made.folder;
    this.engine = made.engine;
    this.database = made.database;
    this.tokens = made.tokens;
    this.strangers = made.strangers;
    this.settle = made.settle;
    this.stores = createStores(made.database);
    this.options = options;
    this.closeEngine = closeEngine;
    this.host = this.createHost(0);
  }

  static async open(options: ApiStageOptions = {}): Promise<ApiStage> {
    const clock = new FakeClock();
    const folder = mkdtempSync(join(tmpdir(), "millrace-api-"));
    const opened = await openTestDatabase(clock, { location: `sqlite:${join(folder, "millrace.sqlite")}` });
    const { database } = opened;
    const test = attachTestEngine(opened, clock, {
      ...options.engine,
      ...(options.logger && { logger: options.logger }),
    });
    const { engine } = test;
    await engine.start();
    const strangers = (await createStores(database).platforms.getOrCreate("theirs", clock.now())).id;
    const tokens = await makeTokens(createStores(database), clock, strangers);
    const settle = () => test.advance("0ms");
    const made = { clock, folder, engine, database, tokens, strangers, settle };
    const stage = new ApiStage(made, options, () => test.close());
    await stage.startHost();
    await settle();
    return stage;
  }

  /** Ends the host and starts another one at the same port; the engine runs on. */
  async restartHost(): Promise<void> {
    await this.host.stop();
    this.host = this.createHost(this.port);
    await this.startHost();
  }

  /** Sends a request as the operator, or with another token, or with none. */
  send(sent: Sent, token: string | null = this.tokens.operator): Promise<Reply> {
    const headers = { ...(token !== null && bearer(token)), ...sent.headers };
    return send(this.port, { ...sent, headers });
  }

  get(path: string, token?: string | null): Promise<Reply> {
    return this.send({ method: "GET", path }, token);
  }

  /** The items of a list. */
  async list(path: string, token?: string): Promise<Record<string, unknown>[]> {
    const reply = await this.get(path, token);
    return z.object({ items: z.array(z.record(z.string(), z.unknown())) }).parse(jsonOf(reply)).items;
  }

  /** The API's document, as the host publishes it. */
  async document(): Promise<ApiDocument> {
    this.published ??= readDocument(jsonOf(await this.get("/api/openapi.json")));
    return this.published;
  }

  /** Comes in as a person does; gives what a browser sends from then on. */
  async logIn() {
    const code = this.host.newLoginUrl().split("#login=")[1];
    const reply = await this.send({ method: "POST", path: "/api/session", body: { code } }, null);
    const { csrfToken } = z.object({ csrfToken: z.string() }).parse(jsonOf(reply));
    const cookie = String(reply.headers["set-cookie"]).split(";")[0] ?? "";
    return { Cookie: cookie, "X-CSRF-Token": csrfToken, Origin: this.url };
  }

  async close(): Promise<void> {
    await this.host.stop();
    await this.closeEngine();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private createHost(port: number): WebHost {
    const { engine, database, clock, tokens } = this;
    return createHost({
      engine,
      database,
      clock,
      port,
      token: tokens.host,
      stopGraceMs: 500,
      // To compress the dashboard's files takes a while.
      dashboard: join(this.folder, "none"),
      webhooks: { [WEBHOOK_SOURCE]: { secret: WEBHOOK_SECRET } },
      ...(this.options.logger && { logger: this.options.logger }),
      ...this.options.host,
    });
  }

  private async startHost(): Promise<void> {
    const { url } = await this.host.start();
    this.url = url;
    this.port = Number(new URL(url).port);
  }
}

async function makeTokens({ accessTokens }: Stores, clock: FakeClock, strangers: PlatformId): Promise<Tokens> {
  const create = async (role: AccessRole, more: { platformId?: PlatformId; expiresAt?: number } = {}) => {
    const token = randomBytes(32).toString("base64url");
    const digest = createHash("sha256").update(token).digest("hex");
    const { id } = await accessTokens.create({ name: `a ${role}`, role, digest, ...more }, clock.now());
    return { token, id };
  };
  const revoked = await create("operator");
  await accessTokens.revoke(revoked.id, clock.now());
  return {
    host: randomBytes(32).toString("base64url"),
    operator: (await create("operator")).token,
    viewer: (await create("viewer")).token,
    publisher: (await create("publisher")).token,
    stranger: (await create("operator", { platformId: strangers })).token,
    expired: (await create("operator", { expiresAt: clock.now() })).token,
    revoked: revoked.token,
  };
}
