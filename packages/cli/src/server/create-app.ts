/** The web application: what is done with each request before and after its operation, and what is served beside them. */
import { Hono } from "hono";
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { AllowList } from "./http/allow-list.ts";
import { newNonce, securityHeaders } from "./http/security-headers.ts";
import type { Implementation } from "./implementation.ts";
import { logFailure } from "./log-failure.ts";
import { mountOperations, requireIdentity, type MountOptions } from "./mount-operations.ts";
import { isOurs, problemResponse, RefusedError } from "./problem.ts";
import type { HostEnvironment } from "./request-environment.ts";
import type { StaticFiles } from "./static-files.ts";

export interface AppOptions extends MountOptions {
  allowList: AllowList;
  implementations: readonly Implementation[];
  staticFiles: StaticFiles;
  logger: Logger;
  /** Whether the host is reached over https. */
  isSecure: boolean;
}

export type App = Hono<HostEnvironment>;

export function createApp(options: AppOptions): App {
  const { allowList, implementations, staticFiles, logger, isSecure } = options;
  const app: App = new Hono<HostEnvironment>();
  app.use(async (c, next) => {
    c.set("requestId", randomUUID());
    c.set("nonce", newNonce());
    c.set("remoteAddress", c.env.incoming.socket.remoteAddress ?? "unknown");
    await next();
    for (const [name, value] of Object.entries(securityHeaders({ nonce: c.var.nonce, isSecure }))) {
      c.res.headers.set(name, value);
    }
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
    c.res.headers.set("X-Request-Id", c.var.requestId);
  });
  app.use(async (c, next) => {
    allowList.check(c.req.raw);
    await next();
  });
  mountOperations(app, implementations, options);
  app.all("/api/*", async (c) => {
    // What there is, is for those to know who may ask.
    await requireIdentity(c.req.raw, c.var.remoteAddress, options.authenticator);
    throw new RefusedError("not-found", "The API has nothing at this address.");
  });
  app.get("*", (c) => {
    const response = staticFiles.respond(c.req.path, c.req.raw.headers, c.var.nonce);
    if (response === null) throw new RefusedError("not-found", "There is nothing at this address.");
    return response;
  });
  app.notFound((c) =>
    problemResponse(new RefusedError("not-found", "There is nothing at this address."), c.var.requestId),
  );
  app.onError((error, c) => {
    if (isOurs(error)) logFailure(logger, error, { request: c.var.requestId }, "A request failed");
    return problemResponse(error, c.var.requestId);
  });
  return app;
}
