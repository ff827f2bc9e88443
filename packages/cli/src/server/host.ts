/**
 * The host: serves an engine over HTTP, with its dashboard. A program that embeds an engine uses it as `millrace serve`
 * does.
 *
 * Invariants:
 * 1. Nobody is let in without a credential, from wherever they come.
 * 2. When it has stopped nothing of it is left: no connection, no listener on the engine.
 */
import type { Server } from "node:http";
import { isIP } from "node:net";
import { AuditTrail, systemClock, type Clock, type Engine } from "@millrace/agent";
import { createStores, type SqliteDatabase, type Stores } from "@millrace/db";
import { dashboardDirectory } from "@millrace/ui";
import { pino, type Logger } from "pino";
import { Registry } from "prom-client";
import { readVersion } from "../version.ts";
import { Authenticator } from "./authentication/authenticator.ts";
import { digestOf, newSecret } from "./authentication/secrets.ts";
import { sessionOperations } from "./authentication/session-operations.ts";
import { ChangeLog } from "./changes/change-log.ts";
import { changeOperations } from "./changes/change-operations.ts";
import { ChangeStreams } from "./changes/change-streams.ts";
import { watchEngine } from "./changes/watch-engine.ts";
import { createApp } from "./create-app.ts";
import { assertMayListen, isLoopback } from "./exposure.ts";
import { healthOperations } from "./health-operations.ts";
import { AllowList } from "./http/allow-list.ts";
import {
  close,
  createHttpServer,
  DEFAULT_CONNECTION_LIMITS,
  listen,
  type ConnectionLimits,
} from "./http/http-server.ts";
import type { Implementation } from "./implementation.ts";
import { OPERATIONS, RESOURCE_IMPLEMENTATIONS } from "./operations.ts";
import { ingestOperations } from "./ingest/ingest-operations.ts";
import { WebhookDeliveries } from "./ingest/webhook-deliveries.ts";
import { allSecretsOf, readWebhookSources, type WebhookSources } from "./ingest/webhook-sources.ts";
import { logFailure } from "./log-failure.ts";
import { addEngineMetrics } from "./metrics/engine-metrics.ts";
import { RequestStatistics } from "./metrics/request-statistics.ts";
import { createApiDocument } from "./openapi.ts";
import { StaticFiles } from "./static-files.ts";

export interface HostOptions {
  engine: Engine;
  database: SqliteDatabase;
  /** Default 4400; 0 for any that is free. */
  port?: number;
  /** The name or address to listen at. Default 127.0.0.1, which only this machine reaches. */
  hostname?: string;
  /** The names that it is reached as beside those of loopback, for example `example.org`. */
  allowedHosts?: readonly string[];
  /** The address that people use, where it is another than where the host listens (behind a proxy with TLS). */
  publicUrl?: string;
  /** The host's own access token, of at least 32 characters, with the role `operator`. Default: a random one. */
  token?: string;
  /** Whom that token and the login addresses stand for; what they decide is recorded under it. Default `operator`. */
  operatorName?: string;
  /** Where webhooks come from, and their secrets. */
  webhooks?: WebhookSources;
  /** Default: a silent logger. */
  logger?: Logger;
  clock?: Clock;
  /** No body of a request is larger, in bytes. Default: what an event's payload may have, and a little more. */
  bodyBytes?: number;
  connections?: Partial<ConnectionLimits>;
  /** How long requests that are under way may take when it stops, in milliseconds. Default 5,000. */
  stopGraceMs?: number;
  /** The built dashboard. Default: that of `@millrace/ui`. */
  dashboard?: string;
}

export interface StartedHost {
  url: string;
  /** Where it listens, whatever the address says that people use. */
  port: number;
  /** Lets one person in, once, within ten minutes. */
  loginUrl: string;
}

/** Creates a host; nothing is served before `start`. @throws WebhookConfigurationError */
export function createHost(options: HostOptions): Host {
  return new Host(options);
}

/** What a body may have beyond an event's payload: the envelope of a CloudEvent. */
const ENVELOPE_BYTES = 16 * 1024;

export class Host {
  private readonly options: HostOptions;
  private readonly stores: Stores;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly authenticator: Authenticator;
  private readonly streams: ChangeStreams;
  private readonly changes = new ChangeLog();
  private readonly registry = new Registry();
  private readonly sources: ReturnType<typeof readWebhookSources>;
  private readonly isSecure: boolean;
  private server: Server | null = null;
  private url = "";
  private isStopping = false;
  private stopWatching: (() => void)[] = [];

  constructor(options: HostOptions) {
    const { engine, database, token, operatorName = "operator", webhooks = {} } = options;
    this.options = options;
    this.stores = createStores(database);
    this.clock = options.clock ?? systemClock;
    this.logger = options.logger ?? pino({ enabled: false });
    this.isSecure = options.publicUrl?.startsWith("https:") ?? false;
    this.sources = readWebhookSources(webhooks);
    this.authenticator = new Authenticator({
      accessTokens: this.stores.accessTokens,
      clock: this.clock,
      hostTokenDigest: digestOf(token ?? newSecret()),
      operatorName,
    });
    this.streams = new ChangeStreams({
      log: this.changes,
      clock: this.clock,
      isStillGood: (identity) => this.authenticator.isStillGood(identity),
      onError: (error) => logFailure(this.logger, error, {}, "A stream of changes failed"),
    });
    this.stopWatching.push(
      addEngineMetrics(this.registry, { engine, database, stores: this.stores, version: readVersion() }),
    );
  }

  /**
   * Begins to serve; the engine need not run yet.
   * @throws HostConfigurationError when it could be reached by who should not
   */
  async start(): Promise<StartedHost> {
    const { engine, port = 4400, hostname = "127.0.0.1", allowedHosts = [], token, publicUrl } = this.options;
    const now = this.clock.now();
    const accessTokens = await this.stores.accessTokens.list();
    assertMayListen({ hostname, allowedHosts, token, accessTokens, now });
    const { stores, changes: log, clock, logger } = this;
    this.stopWatching.push(await watchEngine({ engine, stores, log, clock, logger }));
    const staticFiles = await StaticFiles.read(this.options.dashboard ?? dashboardDirectory);
    const allowList = new AllowList(
      publicUrl === undefined ? allowedHosts : [...allowedHosts, new URL(publicUrl).host],
      isLoopback(hostname) ? inAddress(hostname) : undefined,
    );
    const app = this.createApp(allowList, staticFiles);
    this.server = createHttpServer(
      app.fetch,
      { ...DEFAULT_CONNECTION_LIMITS, ...this.options.connections },
      this.isSecure,
    );
    const actualPort = await listen(this.server, port, hostname);
    allowList.listenAt(actualPort);
    this.url = publicUrl?.replace(/\/$/, "") ?? addressOf(hostname, allowedHosts, actualPort);
    return { url: this.url, port: actualPort, loginUrl: this.newLoginUrl() };
  }

  /** Another address that lets one person in, once, within ten minutes. */
  newLoginUrl(): string {
    // What stands behind # is never sent to anybody.
    return `${this.url}/#login=${this.authenticator.codes.create()}`;
  }

  /** Looks whether those who follow along still may, after another process may have revoked a token. */
  recheck(): Promise<void> {
    return this.streams.recheck();
  }

  /** Ends what is followed live, lets requests under way finish within a bound, and takes no more. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.streams.closeAll();
    if (this.server?.listening) await close(this.server, this.options.stopGraceMs ?? 5_000);
    for (const stop of this.stopWatching.splice(0)) stop();
    this.registry.clear();
  }

  private createApp(allowList: AllowList, staticFiles: StaticFiles) {
    const { engine, database, bodyBytes = database.limits.payloadBytes + ENVELOPE_BYTES, webhooks = {} } = this.options;
    const { authenticator, clock, logger, stores, isSecure } = this;
    const audit = new AuditTrail({
      store: stores.audit,
      clock,
      hideDeclared: (details, subject) => engine.hideDeclared(details, subject),
      onLostOutcome: (error, { id }) =>
        logFailure(logger, error, { audit: id }, "An outcome could not be written down"),
    });
    return createApp({
      allowList,
      staticFiles,
      implementations: this.implementations(),
      authenticator,
      context: { engine, database, stores: this.stores, statistics: new RequestStatistics(this.registry) },
      audit,
      logger,
      isSecure,
      bodyBytes,
      secrets: allSecretsOf(webhooks),
    });
  }

  private implementations(): Implementation[] {
    const { engine, database } = this.options;
    const { authenticator, stores, isSecure, streams, clock } = this;
    const metrics = { contentType: this.registry.contentType, text: () => this.registry.metrics() };
    const onSessionEnd = () => {
      streams.recheck().catch((error: unknown) => logFailure(this.logger, error, {}, "A session could not be ended"));
    };
    return [
      ...sessionOperations({ authenticator, stores, isSecure, onSessionEnd }),
      ...changeOperations(streams),
      ...ingestOperations({
        engine,
        sources: this.sources,
        deliveries: new WebhookDeliveries(clock),
        attempts: authenticator.attempts,
      }),
      ...healthOperations({
        engine,
        database,
        metrics,
        apiDocument: createApiDocument(OPERATIONS, readVersion()),
        isStopping: () => this.isStopping,
      }),
      ...RESOURCE_IMPLEMENTATIONS,
    ];
  }
}

function addressOf(hostname: string, [first = hostname]: readonly string[], port: number): string {
  if (isLoopback(hostname)) return `http://${inAddress(hostname)}:${port}`;
  return /[^:]:\d+$/.test(first) ? `http://${first}` : `http://${first}:${port}`;
}

/** An address of IPv6 stands in brackets. */
const inAddress = (hostname: string) => (isIP(hostname) === 6 ? `[${hostname}]` : hostname);
