/** For tests: a host on a free port of loopback, with an engine on a database file and a clock that stands still. */
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineJobHandler, defineWorkflow, type Engine } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase } from "@millrace/agent/testing";
import { createStores, type AccessRole, type SqliteDatabase, type Stores } from "@millrace/db";
import { z } from "zod";
import { TokenRegistry } from "../server/authentication/token-registry.ts";
import { createHost, type Host, type HostOptions } from "../server/host.ts";

export const TOKEN = "the-token-of-the-host-in-these-tests-0123456789";

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON. */
  json: () => Record<string, unknown>;
}

export interface Sending {
  /** Null for none. Default: the host's own. */
  token?: string | null;
  headers?: Record<string, string>;
  /** Text is sent as it is, anything else as JSON. */
  body?: unknown;
}

/** Events that come in from outside wait in its topic: its consumer takes none. */
const orders = defineWorkflow({
  name: "orders",
  topics: { received: z.object({ order: z.number() }), anything: z.json() },
  consumers: (consumer) => ({
    look: consumer({
      subscribe: ["received"],
      async prepare() {
        return { reservations: [], data: null };
      },
    }),
  }),
});

const idle = defineJobHandler({ name: "idle", handler: () => null });

export class HostBench {
  readonly clock: FakeClock;
  readonly folder: string;
  readonly engine: Engine;
  readonly database: SqliteDatabase;
  readonly stores: Stores;
  readonly host: Host;
  port = 0;
  url = "";
  loginUrl = "";
  private readonly closeEngine: () => Promise<void>;

  private constructor(
    opened: Awaited<ReturnType<typeof openTestDatabase>>,
    clock: FakeClock,
    folder: string,
    options: Partial<HostOptions>,
  ) {
    this.clock = clock;
    this.folder = folder;
    const test = attachTestEngine(opened, clock, { workflows: [orders], jobHandlers: [idle] });
    this.engine = test.engine;
    this.database = opened.database;
    this.stores = createStores(this.database);
    this.closeEngine = () => test.close();
    const { engine, database } = this;
    this.host = createHost({
      engine,
      database,
      clock,
      port: 0,
      token: TOKEN,
      dashboard: join(folder, "none"),
      ...options,
    });
  }

  static async open(options: Partial<HostOptions> = {}): Promise<HostBench> {
    const clock = new FakeClock();
    const folder = mkdtempSync(join(tmpdir(), "millrace-host-"));
    const opened = await openTestDatabase(clock, { location: `sqlite:${join(folder, "millrace.sqlite")}` });
    const bench = new HostBench(opened, clock, folder, options);
    await bench.engine.start();
    Object.assign(bench, await bench.host.start());
    return bench;
  }

  async close(): Promise<void> {
    await this.host.stop();
    await this.closeEngine();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Lets time pass, with what is due meanwhile. */
  elapse(milliseconds: number): void {
    const until = this.clock.now() + milliseconds;
    while (this.clock.fireNext(until));
    this.clock.jumpTo(until);
  }

  get(path: string, sending: Sending = {}): Promise<Reply> {
    return this.send("GET", path, sending);
  }

  post(path: string, body: unknown, sending: Sending = {}): Promise<Reply> {
    return this.send("POST", path, { ...sending, body });
  }

  /** Sends a request just as it is said: neither the path nor a header is put right. */
  send(method: string, path: string, { token = TOKEN, headers = {}, body }: Sending = {}): Promise<Reply> {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: "127.0.0.1", port: this.port, method, path, agent: false }, (response) => {
        let received = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (received += chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: received,
            json: () => z.record(z.string(), z.unknown()).parse(JSON.parse(received)),
          }),
        );
      });
      request.on("error", reject);
      if (token !== null) request.setHeader("Authorization", `Bearer ${token}`);
      if (text !== undefined) request.setHeader("Content-Type", "application/json");
      for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
      request.end(text);
    });
  }

  /** Sends bytes and gives what comes back until the other side closes the connection. */
  exchange(bytes: string | Uint8Array): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, "127.0.0.1", () => socket.write(bytes));
      let received = "";
      socket.setEncoding("utf8");
      socket.on("data", (chunk: string) => (received += chunk));
      socket.on("error", reject);
      socket.on("close", () => resolve(received));
    });
  }

  /** Makes an access token. */
  async token(role: AccessRole, { platform = "default", expiresAt = null as number | null, name = "a test" } = {}) {
    const registry = new TokenRegistry(this.stores, this.clock, () => undefined);
    return (await registry.create({ name, role, platform, expiresAt }, { name: "tests", channel: "program" })).token;
  }

  /** Comes in as a person does; gives the headers that a browser sends from then on. */
  async logIn(credential: unknown = { code: codeOf(this.host.newLoginUrl()) }) {
    const reply = await this.post("/api/session", credential, { token: null });
    const cookie = String(reply.headers["set-cookie"]).split(";")[0] ?? "";
    const csrfToken = String(reply.json()["csrfToken"]);
    return { reply, cookie, csrfToken, headers: { Cookie: cookie, "X-CSRF-Token": csrfToken, Origin: this.url } };
  }
}

export const codeOf = (loginUrl: string): string => loginUrl.split("#login=")[1] ?? "";
