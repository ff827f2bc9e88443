/** millrace: the host and its command line, for programs that embed it. */
export { runCommandLine } from "./command-line.ts";
export type { Host, OutputStream } from "./context.ts";
export { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
export { createHost, type Host as WebHost, type HostOptions, type StartedHost } from "./server/host.ts";
export { HostConfigurationError } from "./server/exposure.ts";
export { WebhookConfigurationError, type WebhookSources } from "./server/ingest/webhook-sources.ts";
export type { ConnectionLimits } from "./server/http/http-server.ts";
