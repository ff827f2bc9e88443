/** Keeps secrets out of what is stored and shown: values by the name of their key, and wherever such a value turns up. */
import type { JsonValue } from "@millrace/db";

export const REDACTED = "[redacted]";

/** Names of secrets, whatever their spelling: `apiKey`, `API_KEY`, `x-api-key` … Longer ones stand before shorter ones. */
const SECRET_NAME = [
  "passwords?|passwd|pwd|passphrase|passcode",
  "secrets?|tokens?|jwt|authorization|cookies?|credentials?|signature",
  "(?:api|access|private|secret|encryption|signing)[-_ ]?key(?:[-_ ]?id)?",
  "(?:client|app)[-_ ]?secret|(?:access|refresh|auth|session|id|bearer)[-_ ]?token",
].join("|");

const SECRET_KEY = new RegExp(`^(?:.*[-_. ])?(?:${SECRET_NAME})[-_]?\\d*$`, "i");

/** In running text: `Bearer …`, `Basic …`, the password of a URL, `token=…`. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  // "Bearer authentication" is no secret.
  [/\b(Bearer)\s+(?!(?:auth|token|scheme|credential|challenge)\w*\b)[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  // Base64 has digits, padding, or capitals within; "basic principles" have none.
  [/\b([Bb]asic|BASIC)\s+(?=[\w.~+/=-]*(?:\d|=|[a-z][A-Z]))[\w.~+/=-]{6,}/g, `$1 ${REDACTED}`],
  [/(\b\w+:\/\/[^\s:/@]*):[^\s/?#]+@/g, `$1:${REDACTED}@`],
  // A value in quotes ends with them (which may be escaped themselves) or where the text was cut; another at what can't be
  // in one.
  [
    new RegExp(
      String.raw`((?:${SECRET_NAME})\\?["']?\s*[=:]\s*)(?:\\"[^"]*(?:"|$)|"(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)|[^\s"',;&)}]+)`,
      "gi",
    ),
    `$1${REDACTED}`,
  ],
];

/** A value this short turns up by chance. */
const SHORTEST_SECRET = 6;

/** Whether a value under this key is a secret. `accessToken` counts like `access_token`, and `APIToken` too. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z])([A-Z][a-z])/g, "$1_$2"));
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
  // The longest first: one that begins like another would leave the other's end behind.
  const longestFirst = secrets.toSorted((a, b) => b.length - a.length);
  for (const secret of longestFirst) redacted = redacted.replaceAll(secret, REDACTED);
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
  if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    return text.length < SHORTEST_SECRET ? [] : [text];
  }
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap((item) => textsOf(item));
}
