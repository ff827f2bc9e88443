/** Which headers a call may set, which follow a redirect to another host, and which are worth keeping of an answer. */
import { validateHeaderName, validateHeaderValue, type IncomingHttpHeaders } from "node:http";
import { z } from "zod";

/** Credentials: the parameters of a mutation are recorded and shown. */
const CREDENTIALS = new Set(["authorization", "proxy-authorization", "cookie"]);

/** These say where the request goes and where it ends, or are the connector's own. */
const RESERVED = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "idempotency-key",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What tells another host nothing that is not for it. */
const FOR_ANYONE = new Set(["accept", "accept-encoding", "if-modified-since", "if-none-match", "user-agent"]);

/** What says where a thing is, what version it has and how to ask about it. */
const KEPT = ["content-type", "etag", "last-modified", "link", "location", "request-id", "x-request-id"];

/** The headers of one call. */
export const callHeaders = z.record(z.string(), z.string()).superRefine((headers, issues) => {
  for (const [name, value] of Object.entries(headers)) {
    const fault = headerFault(name, value);
    if (fault !== null) issues.addIssue({ code: "custom", message: fault, path: [name] });
  }
});

function headerFault(name: string, value: string): string | null {
  const key = name.toLowerCase();
  if (CREDENTIALS.has(key))
    return `${name} is a credential; give it to the connector as auth, so that it is not recorded`;
  if (RESERVED.has(key)) return `${name} is set by the connector`;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function headersForAnyone(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => FOR_ANYONE.has(name.toLowerCase())));
}

export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    KEPT.flatMap((name) => {
      const value = headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}
