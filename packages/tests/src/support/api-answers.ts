/** What is wrong with an answer of the API: that it is none of those described, or says what nobody is to know. */
import { tmpdir } from "node:os";
import type { Reply } from "./api-client.ts";
import type { ApiDocument, ApiOperation, Schema } from "./api-document.ts";

/** Gives what is wrong with a reply; nothing when it is as the document says. */
export function faultsOf(api: ApiDocument, { responses }: ApiOperation, reply: Reply): string[] {
  const { status, headers, text } = reply;
  const described = responses[String(status)];
  if (described === undefined) return [`status ${status} is not described: ${text.slice(0, 300)}`];
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  const schema = described[type];
  if (schema === undefined) return [`${type} is not described for ${status}`];
  const faults = type === "text/event-stream" ? streamFaults(api, schema, text) : bodyFaults(api, schema, type, text);
  const injected = headers["x-injected"] === undefined ? [] : ["a header was smuggled in"];
  return [...faults, ...injected, ...(status >= 400 ? leaksOf(text) : []), ...(status === 500 ? ["it failed"] : [])];
}

function bodyFaults(api: ApiDocument, schema: Schema, type: string, text: string): string[] {
  return api.judge(schema)(type.endsWith("json") ? JSON.parse(text) : text);
}

/** A stream begins with `ready` or `reset`, then has changes. */
function streamFaults(api: ApiDocument, schema: Schema, text: string): string[] {
  const events = text.split("\n\n").filter((event) => event.includes("data: "));
  return events.flatMap((event) => {
    const data: unknown = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "null");
    return /^event: (ready|reset)$/m.test(event) ? [] : api.judge(schema)(data);
  });
}

const LEAKS: readonly (readonly [string, RegExp])[] = [
  ["a stack", /\n\s*at |\bat \S+ \(|\.[jt]s:\d+|node:internal|node_modules/],
  ["a path", new RegExp(`${escape(process.cwd())}|${escape(tmpdir())}/|\\.sqlite`)],
  ["SQL", /\b(select|insert into|update|delete from)\b[^.]*\b(from|values|set|where)\b|SQLITE_|sqlite3?/i],
];

/** What a refusal says that its reader is not to know. */
function leaksOf(text: string): string[] {
  return LEAKS.filter(([, pattern]) => pattern.test(text)).map(([name]) => `${name} is told: ${text.slice(0, 500)}`);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
