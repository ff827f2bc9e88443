/** What the calls of one run have shown to be secret: kept out of its log and of what it fails with. */
import type { JsonValue } from "@millrace/db";
import { hideInText, hideInValue, valuesUnder, type Hidden, type SecretKeys } from "../connectors/declared-secrets.ts";

/** How far the causes of an error are followed. */
const MOST_CAUSES = 10;

export class RunSecrets {
  private readonly keys: SecretKeys;
  private readonly values = new Set<string>();

  /** @param keys what the connectors of its workflow declare */
  constructor(keys: SecretKeys) {
    this.keys = keys;
  }

  /** Whether there can be any. */
  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  /** Takes note of what stands under the declared keys of a call's parameters, or of its result. */
  learn(value: unknown, keys: SecretKeys): void {
    for (const secret of valuesUnder(value, keys)) this.values.add(secret);
  }

  text(words: string): string {
    return this.isEmpty ? words : hideInText(words, [...this.values]);
  }

  data(value: JsonValue): JsonValue {
    return this.isEmpty ? value : hideInValue(value, this.hidden);
  }

  /** The same error, its message, its stack and its causes without what is hidden. */
  error<Thrown>(thrown: Thrown): Thrown {
    return hideInError(thrown, [...this.values]);
  }

  private get hidden(): Hidden {
    return { keys: this.keys, values: [...this.values] };
  }
}

/** Takes values out of what was thrown, where it stands: its class decides what becomes of a run, so it stays itself. */
export function hideInError<Thrown>(thrown: Thrown, values: readonly string[]): Thrown {
  let error: unknown = thrown;
  for (let depth = 0; values.length > 0 && depth < MOST_CAUSES && error instanceof Error; depth += 1) {
    for (const property of ["message", "stack"] as const) {
      const text = error[property];
      if (typeof text !== "string") continue;
      const shown = hideInText(text, values);
      // Defined, because some errors only have a getter for it.
      if (shown !== text) Reflect.defineProperty(error, property, { value: shown, writable: true, configurable: true });
    }
    error = error.cause;
  }
  return thrown;
}
