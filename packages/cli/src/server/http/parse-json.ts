/** Parses JSON that anybody may have written. */
import type { JsonValue } from "@millrace/db";
import secureJsonParse from "secure-json-parse";
import { RefusedError } from "../problem.ts";

const DEEPEST = 32;

/** Keys with which objects are made that are not what they seem. `secure-json-parse` drops some uses of them. */
const HARMFUL_KEYS = ["__proto__", "constructor", "prototype"];

/** The JSON of a body, without harmful keys. @throws RefusedError when it is not JSON in UTF-8, or nested too deeply */
export function parseJson(bytes: Uint8Array): JsonValue {
  let value: JsonValue;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // What JSON.parse gives is JSON.
    value = secureJsonParse(text, { protoAction: "remove", constructorAction: "remove" }) as JsonValue;
  } catch {
    // What the parser says quotes the body.
    throw new RefusedError("malformed-request", "The body is not JSON in UTF-8.");
  }
  clean(value);
  return value;
}

/** Goes through the value level by level, so that its depth costs no stack. */
function clean(value: JsonValue): void {
  let level: JsonValue[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: JsonValue[] = [];
    for (const item of level) {
      if (item === null || typeof item !== "object") continue;
      if (depth >= DEEPEST) {
        throw new RefusedError("malformed-request", `The body is nested more than ${DEEPEST} levels deep.`);
      }
      if (Array.isArray(item)) for (const child of item) next.push(child);
      else {
        for (const key of HARMFUL_KEYS) if (Object.hasOwn(item, key)) Reflect.deleteProperty(item, key);
        for (const child of Object.values(item)) next.push(child);
      }
    }
    level = next;
  }
}
