/** Keeps secrets out of what is stored and shown: values by the name of their key, and wherever such a value turns up. */
import type { JsonValue } from "@millrace/db";

const REDACTED = "[redacted]";

/** Keys whose values are secrets, whatever their spelling: `apiKey`, `API_KEY`, `x-api-key` … */
const SECRET_KEY =
  /^(?:.*[-_.])?(?:password|passwd|passphrase|secret|token|authorization|cookie|credentials?|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?secret|access[-_]?token|refresh[-_]?token|signature)$/i;

/** In running text: `Bearer …`, `Basic …`, the password of a URL, `token=…`. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  [/(\w+:\/\/[^\s:/@]+):[^\s@/]+@/g, `$1:${REDACTED}@`],
  [
    /((?:password|passwd|secret|token|api[-_]?key|access[-_]?key|signature)["']?\s*[=:]\s*["']?)[^\s"',;&)}]+/gi,
    `$1${REDACTED}`,
  ],
];

/** A value this short turns up by chance. */
const SHORTEST_SECRET = 6;

/** Whether a value under this key is a secret. `accessToken` counts like `access_token`. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.replace(/([a-z0-9])([A-Z])/g, "$1_$2"));
}

/** Gives the value with everything under a secret's key replaced. */
export function redactValue(value: JsonValue, secrets: readonly string[] = []): JsonValue {
  if (typeof value === "string") return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, secrets));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecretKey(key) ? REDACTED : redactValue(item, secrets)]),
  );
}

/** Gives the text with what looks like a secret replaced, and with these secrets replaced. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let redacted = text;
  for (const secret of secrets) redacted = redacted.replaceAll(secret, REDACTED);
  for (const [pattern, replacement] of SECRET_TEXT) redacted = redacted.replace(pattern, replacement);
  return redacted;
}

/** The texts that a value holds under secrets' keys, so that they can be found elsewhere. */
export function collectSecrets(value: JsonValue): string[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap(collectSecrets);
  return Object.entries(value).flatMap(([key, item]) => (isSecretKey(key) ? textsOf(item) : collectSecrets(item)));
}

function textsOf(value: JsonValue): string[] {
  if (typeof value === "string") return value.length < SHORTEST_SECRET ? [] : [value];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap((item) => textsOf(item));
}
