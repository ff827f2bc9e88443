/** What commands are drawn from: values that have broken other programs, and few enough ids that commands meet. */
import { JSON_VALUES } from "./json-values.ts";
import * as fc from "fast-check";

/** The limits of the databases that the models run on: small, so that "too large" costs nothing. */
export const LIMITS = { payloadBytes: 400, stateBytes: 300 } as const;

/** A value that is to be stored as JSON, and the error that refuses it, if it is refused. */
export interface DrawnJson {
  value: unknown;
  refusedAs: "NotSerialisableError" | "ValueTooLargeError" | null;
}

/** What is read again of a value that was stored. */
export function asStored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const UNSTORABLE: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  () => 0,
  Symbol("s"),
  1n,
  new Date(0),
  new Map(),
  { deep: [{ at: undefined }, [undefined]] },
];

/** @param limit in bytes of JSON text */
export function drawnJson(limit: number): fc.Arbitrary<DrawnJson> {
  const fits = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) <= limit;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...JSON_VALUES.filter(fits)).map(accepted) },
    { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }).filter(fits).map(accepted) },
    // Two bytes are the quotes.
    { weight: 1, arbitrary: fc.constant(accepted("x".repeat(limit - 2))) },
    { weight: 1, arbitrary: fc.constant<DrawnJson>({ value: "x".repeat(limit - 1), refusedAs: "ValueTooLargeError" }) },
    // Fewer characters than the limit, and more bytes.
    { weight: 1, arbitrary: fc.constant<DrawnJson>({ value: "ä".repeat(limit / 2), refusedAs: "ValueTooLargeError" }) },
    { weight: 1, arbitrary: fc.constantFrom(...UNSTORABLE).map(refused) },
  );
}

const accepted = (value: unknown): DrawnJson => ({ value, refusedAs: null });
const refused = (value: unknown): DrawnJson => ({ value, refusedAs: "NotSerialisableError" });

/** Names, of which few are drawn, so that they meet again. */
export const name = fc.constantFrom("a", "b", "c", "", 'it\'s "quoted"', "a\0b", "😀 Ä 漢字", "__proto__", "%_\\");

/** Fewer still, for what is looked for by its name. */
export const fewNames = fc.constantFrom("a", "it's\0 😀", "__proto__", "");

/** Times in Unix milliseconds: few, so that many are the same, and in no order. */
export const time = fc.integer({ min: 0, max: 6 }).map((step) => step * 1_000);

/** Which of the known ids is meant. */
export const choice = fc.nat({ max: 59 });
export const choices = fc.uniqueArray(choice, { maxLength: 4 });

/** As often absent as not. */
export const sometimes = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
