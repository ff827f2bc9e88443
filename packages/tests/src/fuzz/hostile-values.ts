/** Values and texts that nobody means, and changes of those that somebody does. */
import * as fc from "fast-check";

const HOSTILE_TEXTS = [
  "",
  " ",
  "\u0000",
  "\ud800",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "-1",
  "1e999",
  "\u202e",
  "💥",
  "a".repeat(5_000),
  "\r\nX-Injected: 1",
  "../../etc/passwd",
  "*",
  "%00",
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 30 }),
);

/** Whatever JavaScript can hand over: what JSON can't say too. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    0,
    -0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.MAX_SAFE_INTEGER + 1,
    10n,
    Symbol("s"),
    [],
    [null],
    {},
    new Date(Number.NaN),
    new Map(),
    /x/,
    () => undefined,
    Object.create(null) as unknown,
    JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Every place in a value, by its path; the empty path is the value itself. */
function placesIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, child]) => placesIn(child).map((place) => [key, ...place]))];
}

export type Change = { place: string[]; how: "replace" | "remove" | "add"; by: unknown };

/** A change somewhere in a value of this shape. */
export const changeOf = (example: unknown): fc.Arbitrary<Change> =>
  fc.record({
    place: fc.constantFrom(...placesIn(example)),
    how: fc.constantFrom<Change["how"]>("replace", "replace", "remove", "add"),
    by: hostileValue,
  });

/** The value with the change; functions, dates and the like in it stay what they are. */
export function applyChange(value: unknown, { place: [key, ...rest], how, by }: Change): unknown {
  if (key === undefined) {
    if (how === "remove") return undefined;
    return how === "add" && isRecord(value) ? { ...value, unknown: by } : by;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      String(index) === key ? applyChange(item, { place: rest, how, by }) : item,
    );
  }
  if (!isRecord(value)) return value;
  const { [key]: child, ...others } = value;
  return rest.length === 0 && how === "remove"
    ? others
    : { ...others, [key]: applyChange(child, { place: rest, how, by }) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text with a few of its characters dropped, doubled, replaced or moved. */
export const mutatedText = (example: string, alphabet: readonly string[] = HOSTILE_TEXTS): fc.Arbitrary<string> =>
  fc
    .array(
      fc.record({
        at: fc.nat({ max: Math.max(1, example.length) }),
        length: fc.integer({ min: 0, max: 4 }),
        by: fc.oneof(fc.constantFrom(...alphabet), fc.string({ unit: "binary", maxLength: 3 })),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((changes) =>
      changes.reduce((text, { at, length, by }) => text.slice(0, at) + by + text.slice(at + length), example),
    );
