/** A world with a secret of its own in every place where people put them, and a bank that repeats what it is told. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { inspect } from "node:util";
import { defineJobHandler, defineWorkflow, http, type EngineOptions } from "@millrace/agent";
import type { HostOptions } from "millrace";
import { z } from "zod";

/** Each is planted in one place only, so that where it turns up says where it leaked. */
export const CANARIES = {
  connectorAuth: "canary-connector-auth-0001",
  payloadPassword: "canary-payload-password-0002",
  payloadApiKey: "canary-payload-api-key-0003",
  payloadAuthorization: "canary-payload-authorization-0004",
  payloadToken: "canary-payload-token-0005",
  urlPassword: "canary-url-password-0006",
  logData: "canary-log-data-0007",
  logText: "canary-log-text-0008",
  jobPayload: "canary-job-payload-0009",
  jobMetadata: "canary-job-metadata-0010",
  evidence: "canary-evidence-0011",
  reason: "canary-reason-0012",
  problem: "canary-problem-0013",
  state: "canary-state-0014",
} as const;

const login = z.object({
  number: z.string(),
  password: z.string(),
  apiKey: z.string(),
  nested: z.object({ authorization: z.string(), session: z.object({ token: z.string() }) }),
  callback: z.string(),
  fails: z.boolean(),
});

/** What is published into the vault. */
export const secretEvent = (number: string, fails = false): z.input<typeof login> => ({
  number,
  password: CANARIES.payloadPassword,
  apiKey: CANARIES.payloadApiKey,
  nested: {
    authorization: `Bearer ${CANARIES.payloadAuthorization}`,
    session: { token: CANARIES.payloadToken },
  },
  callback: `https://user:${CANARIES.urlPassword}@callback.example/`,
  fails,
});

/** A bank that repeats all that it is sent: what it takes, and what it refuses. */
export class EchoBank {
  url = "";
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => (body += String(piece)));
      request.on("end", () => {
        const status = request.url === "/refuse" ? 400 : 200;
        const told = { authorization: request.headers.authorization, sent: body };
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(told));
      });
    });
  }

  async open(): Promise<void> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    // A server that listens on a port has an address of this kind.
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.close();
    await once(this.server, "close");
  }
}

/** Workflows of one name each: one whose calls are taken, one whose calls are refused, one whose code fails. */
export function vaultOptions({ url }: EchoBank): Omit<EngineOptions, "database" | "clock"> {
  const bank = http({
    name: "bank",
    baseUrl: url,
    auth: { bearer: CANARIES.connectorAuth },
    allowHosts: ["127.0.0.1"],
  });
  const vault = (name: string, path: string) =>
    defineWorkflow({
      name,
      topics: { login },
      connectors: { bank },
      consumers: (consumer) => ({
        enter: consumer({
          subscribe: ["login"],
          async prepare(ctx) {
            const [event] = await ctx.peek("login", { limit: 1 });
            if (!event) return { reservations: [], data: null };
            const { password, fails } = event.payload;
            ctx.log("info", `logging in with token=${CANARIES.logText}`, { secret: CANARIES.logData, password });
            ctx.log("warn", `the password is ${password}`);
            if (fails)
              throw new Error(`login with ${password} and Bearer ${event.payload.nested.session.token} failed`);
            return { reservations: [{ topic: "login", ids: [event.id] }], data: event.payload };
          },
          mutate: (ctx, { data }) => ctx.bank.post({ url: path, json: data }),
          async next() {
            return { accessToken: CANARIES.state };
          },
        }),
      }),
    });
  const work = defineJobHandler({
    name: "work",
    payload: z.object({ apiKey: z.string(), fails: z.boolean() }),
    handler({ apiKey, fails }, { log }) {
      log.info(`using ${apiKey}`, { apiKey, token: CANARIES.logData });
      if (fails) throw new Error(`the key ${apiKey} is not good`);
      return { used: apiKey };
    },
  });
  return {
    workflows: [vault("taken", "/take"), vault("refused", "/refuse"), vault("failing", "/take")],
    jobHandlers: [work],
  };
}

type Logger = NonNullable<HostOptions["logger"]>;

/** A log that keeps all that it is told, errors with their stacks. */
export class KeptLog {
  text = "";
  readonly logger: Logger;

  constructor() {
    const write = (...told: unknown[]) => (this.text += `${inspect(told, { depth: 20, maxStringLength: null })}\n`);
    const levels = { trace: write, debug: write, info: write, warn: write, error: write, fatal: write };
    const child = (bindings: unknown) => {
      write(bindings);
      return log;
    };
    // These are the parts of a logger that the engine and the host use.
    const log = { ...levels, child } as unknown as Logger;
    this.logger = log;
  }
}
