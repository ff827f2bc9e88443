/**
 * What one run has shown to be secret: kept out of its log and of what it fails with. Secret is what connectors declare,
 * what stands under a key that says so (`password`), and what looks like it (`Bearer …`).
 */
import type { JsonValue } from "@millrace/db";
import { hideInText, hideInValue, valuesUnder, type Hidden, type SecretKeys } from "../connectors/declared-secrets.ts";
import { collectSecrets, redactText, redactValue } from "../redaction.ts";

/** How far the causes of an error are followed. */
const MOST_CAUSES = 10;

export class RunSecrets {
  private readonly keys: SecretKeys;
  private readonly values = new Set<string>();

  /** @param keys what the connectors of its workflow declare */
  constructor(keys: SecretKeys) {
    this.keys = keys;
  }

  /** Takes note of what stands under the declared keys of a call's parameters, or of its result. */
  learn(value: unknown, keys: SecretKeys): void {
    for (const secret of valuesUnder(value, keys)) this.values.add(secret);
  }

  /** Takes note of what stands under keys that say that it is secret. */
  learnNamed(value: JsonValue): void {
    for (const secret of collectSecrets(value)) this.values.add(secret);
  }

  text(words: string): string {
    return hideIn(words, [...this.values]);
  }

  data(value: JsonValue): JsonValue {
    return redactValue(hideInValue(value, this.hidden));
  }

  /** The same error, its message, its stack and its causes without what is hidden. */
  error<Thrown>(thrown: Thrown): Thrown {
    return hideInError(thrown, [...this.values]);
  }

  private get hidden(): Hidden {
    return { keys: this.keys, values: [...this.values] };
  }
}

const hideIn = (words: string, values: readonly string[]) => redactText(hideInText(words, values));

/** Takes values out of what was thrown, and what looks like a secret, where it stands: its class decides what becomes of a run, so it stays itself. */
export function hideInError<Thrown>(thrown: Thrown, values: readonly string[]): Thrown {
  let error: unknown = thrown;
  for (let depth = 0; depth < MOST_CAUSES && error instanceof Error; depth += 1) {
    for (const property of ["message", "stack"] as const) {
      const text = error[property];
      if (typeof text !== "string") continue;
      const shown = hideIn(text, values);
      // Defined, because some errors only have a getter for it.
      if (shown !== text) Reflect.defineProperty(error, property, { value: shown, writable: true, configurable: true });
    }
    error = error.cause;
  }
  return thrown;
}
