/**
 * What connectors declare secret: keys of the parameters and results of their operations. Pure.
 *
 * A declaration is a key, or several joined by dots: `pin` is whatever stands under a key `pin`, `card.number` whatever
 * stands under `number` directly within `card`; at any depth, and in every item of a list.
 */
import type { JsonValue } from "@millrace/db";
import { InvalidSecretError } from "../errors.ts";
import { REDACTED } from "../redaction.ts";

/** What one operation declares. */
export type SecretKeys = readonly string[];

/** What is kept out of what is shown: what stands under these keys, and these values wherever they turn up. */
export interface Hidden {
  readonly keys: SecretKeys;
  readonly values: readonly string[];
}

/** A value that is shorter turns up by chance, and is replaced under its key alone. */
const SHORTEST = 3;
/** A value that is shorter is replaced only where no letter or digit stands beside it. */
const SHORTEST_WITHIN_WORDS = 6;

/** @param operation as its faults are told, for example `bank.transfer` @throws InvalidSecretError */
export function checkSecrets(operation: string, secrets: unknown): void {
  if (secrets === undefined) return;
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw new InvalidSecretError(
      operation,
      "it must be a list of at least one key. Leave it out where nothing is secret",
    );
  }
  for (const secret of secrets as unknown[]) {
    if (typeof secret === "string" && /^[^.\s[\]*]+(\.[^.\s[\]*]+)*$/.test(secret)) continue;
    const shown = typeof secret === "string" ? JSON.stringify(secret) : `a ${typeof secret}`;
    const fault = `${shown} is no key, nor keys joined by dots (without spaces, "[", "]" and "*"; lists need none)`;
    throw new InvalidSecretError(operation, fault);
  }
}

/** Gives the value without what is hidden. */
export function hideInValue(value: JsonValue, hidden: Hidden): JsonValue {
  const paths = hidden.keys.map((key) => key.split("."));
  const walk = (item: JsonValue, trail: readonly string[]): JsonValue => {
    if (typeof item === "string") return hideInText(item, hidden.values);
    if (typeof item === "number") return hidden.values.includes(String(item)) ? REDACTED : item;
    if (item === null || typeof item !== "object") return item;
    if (Array.isArray(item)) return item.map((one: JsonValue) => walk(one, trail));
    return Object.fromEntries(
      Object.entries(item).map(([key, one]) => {
        const inner = [...trail, key];
        return [key, one !== null && isDeclared(inner, paths) ? REDACTED : walk(one, inner)];
      }),
    );
  };
  return walk(value, []);
}

/** Gives the text without these values, however they are written in it: as they are, in JSON or in a URL. */
export function hideInText(text: string, values: readonly string[]): string {
  let shown = text;
  // The longest first: one that begins like another would leave the other's end behind.
  for (const value of values.toSorted((a, b) => b.length - a.length)) {
    for (const written of spellingsOf(value)) {
      shown =
        written.length < SHORTEST_WITHIN_WORDS
          ? shown.replace(asWord(written), REDACTED)
          : shown.replaceAll(written, REDACTED);
    }
  }
  return shown;
}

function spellingsOf(value: string): Set<string> {
  const inJson = JSON.stringify(value).slice(1, -1);
  // Half a surrogate pair can't stand in a URL.
  if (/\p{Surrogate}/u.test(value)) return new Set([value, inJson]);
  const inUrl = encodeURIComponent(value);
  return new Set([value, inJson, inUrl, inUrl.replaceAll("%20", "+")]);
}

/** The values that stand under declared keys, so that they can be found elsewhere. */
export function valuesUnder(value: unknown, keys: SecretKeys): string[] {
  const paths = keys.map((key) => key.split("."));
  const walk = (item: unknown, trail: readonly string[], isSecret: boolean): string[] => {
    if (Array.isArray(item)) return item.flatMap((one: unknown) => walk(one, trail, isSecret));
    if (item !== null && typeof item === "object") {
      return Object.entries(item).flatMap(([key, one]) => {
        const inner = [...trail, key];
        return walk(one, inner, isSecret || isDeclared(inner, paths));
      });
    }
    if (!isSecret || (typeof item !== "string" && typeof item !== "number")) return [];
    const text = String(item);
    return text.length < SHORTEST ? [] : [text];
  };
  return paths.length === 0 ? [] : [...new Set(walk(value, [], false))];
}

/** Whether the keys on the way to a value end like a declaration. */
function isDeclared(trail: readonly string[], paths: readonly (readonly string[])[]): boolean {
  return paths.some((path) => path.every((key, index) => trail[trail.length - path.length + index] === key));
}

function asWord(text: string): RegExp {
  const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "gu");
}
